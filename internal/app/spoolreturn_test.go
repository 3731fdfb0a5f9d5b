package app_test

import (
	"fmt"
	"net/http"
	"slices"
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
	server.Restart(t)
	eventually(t, "carol is removed", func() bool { return slices.Contains(r.sim.Asked("@TGS#back"), "carol") })
	eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
	if got := r.sim.Asked("@TGS#back"); slices.Contains(got, "bob") {
		t.Errorf("asked to remove %v", got)
	}
}
