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

// Two offend while Redis is away. One of them leaves and is let in again before it is back.
func TestWhoCameBackInAnOutageIsNotRemoved(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), onlyTencent)
	addGroup(t, r, "@TGS#back", "Public", "bob", "carol")
	server.Kill()
	send := func(command, body string) {
		t.Helper()
		if status := r.post(t, tencentURL(r, time.Now(), "CallbackCommand="+command), body); status != http.StatusOK {
			t.Fatalf("%s: %d, want 200", command, status)
		}
	}
	for n, member := range []string{"bob", "carol"} {
		send("Group.CallbackAfterSendMsg", fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#back","Type":"Public","From_Account":%q,"Operator_Account":%q,
"Random":%d,"MsgSeq":%d,"MsgTime":%d,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"赌博"}}]}`, member, member, n, n+1, time.Now().Add(-time.Minute).Unix()))
	}
	send("Group.CallbackAfterNewMemberJoin", fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","GroupId":"@TGS#back","Type":"Public","JoinType":"Apply",
"Operator_Account":"bob","NewMemberList":[{"Member_Account":"bob"}],"EventTime":%d}`, time.Now().UnixMilli()))
	// What was under way when the join came knows nothing of it, and has to have failed.
	failed := failures(t, r)
	eventually(t, "the store has failed since", func() bool { return failures(t, r) >= failed+2 })
	server.Restart(t)
	eventually(t, "carol is removed", func() bool { return slices.Contains(r.sim.Asked("@TGS#back"), "carol") })
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	if got := r.sim.Asked("@TGS#back"); slices.Contains(got, "bob") {
		t.Errorf("asked to remove %v", got)
	}
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
