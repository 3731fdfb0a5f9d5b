package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// told sends what Tencent tells of the group below, which is accepted.
func told(t *testing.T, r *rig, command, body string) {
	t.Helper()
	if status := r.post(t, tencentURL(r, time.Now(), "CallbackCommand="+command), body); status != http.StatusOK {
		t.Fatalf("%s: %d, want 200", command, status)
	}
}

// offends lets a member have said a forbidden word a minute ago.
func offends(t *testing.T, r *rig, n int, member string) {
	t.Helper()
	told(t, r, "Group.CallbackAfterSendMsg", fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#back","Type":"Public","From_Account":%q,"Operator_Account":%q,
"Random":%d,"MsgSeq":%d,"MsgTime":%d,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"赌博"}}]}`, member, member, n, n+1, time.Now().Add(-time.Minute).Unix()))
}

// bobIsBack lets bob join now, while Redis is away. What was under way then knows nothing of it, and has failed
// when this returns.
func bobIsBack(t *testing.T, r *rig) {
	t.Helper()
	told(t, r, "Group.CallbackAfterNewMemberJoin", fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"@TGS#back","Type":"Public","JoinType":"Apply",
"Operator_Account":"bob","NewMemberList":[{"Member_Account":"bob"}],"EventTime":%d}`, time.Now().UnixMilli()))
	failed := failures(t, r)
	eventually(t, "the store has failed since", func() bool { return failures(t, r) >= failed+2 })
}

// onlyBobStays expects that others are removed, and bob is not.
func onlyBobStays(t *testing.T, r *rig, others ...string) {
	t.Helper()
	for _, member := range others {
		eventually(t, member+" is removed", func() bool { return slices.Contains(r.sim.Asked("@TGS#back"), member) })
	}
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	if got := r.sim.Asked("@TGS#back"); slices.Contains(got, "bob") {
		t.Errorf("asked to remove %v", got)
	}
}

// Two offend while Redis is away. One of them leaves and is let in again before it is back.
func TestWhoCameBackInAnOutageIsNotRemoved(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), onlyTencent)
	addGroup(t, r, "@TGS#back", "Public", "bob", "carol")
	server.Kill()
	offends(t, r, 0, "bob")
	offends(t, r, 1, "carol")
	bobIsBack(t, r)
	server.Restart(t)
	onlyBobStays(t, r, "carol")
}

const burstRules = `version: 1
rules:
  - id: chorus
    on: message
    mode: enforce
    when: {text: {has_any: [赌博]}, count: {matches: 2, within: 10m, per: group}}
    then:
      - remove: {reason: "together ({code})", who: burst}
`

// Bob was part of a burst before Redis went away, and is let in again before it is back. Carol's event, which
// waits before his join, removes the burst.
func TestWhoCameBackInAnOutageIsNotRemovedWithABurst(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, burstRules, server.URL(), onlyTencent)
	addGroup(t, r, "@TGS#back", "Public", "bob", "carol", "dave")
	offends(t, r, 0, "bob")
	server.Kill()
	offends(t, r, 1, "carol")
	bobIsBack(t, r)
	offends(t, r, 2, "dave")
	server.Restart(t)
	onlyBobStays(t, r, "carol", "dave")
}

// failures returns how often the store has failed to judge an event.
func failures(t *testing.T, r *rig) (n float64) {
	t.Helper()
	series, _ := scrape(t, r)
	for _, op := range []string{"observe", "commit"} {
		v, err := strconv.ParseFloat(series[`groupguard_store_errors_total{op="`+op+`"}`], 64)
		if err != nil {
			t.Fatal(err)
		}
		n += v
	}
	return n
}
