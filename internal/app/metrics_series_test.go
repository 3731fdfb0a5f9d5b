package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// maxSeries is what a bot with both providers and eight rules may show, its runtime's series among them.
const maxSeries = 500

// hook hands a webhook to the bot without a connection.
func (r *rig) hook(t *testing.T, target, body string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Error(err)
		return
	}
	w := httptest.NewRecorder()
	r.app.Webhooks().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, u.RequestURI(), strings.NewReader(body)))
	if w.Code != http.StatusOK {
		t.Errorf("%d %s to %.200s", w.Code, w.Body, body)
	}
}

// each repeats an item of a list with a number in place of each %[1]d.
func each(n, from int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(item, from+i)
	}
	return strings.Join(items, ",")
}

// swarm is what members number first to first+99 do: they join, leave and write at both providers, in
// groups of their own, a few of them what is forbidden, and with callbacks that nobody knows.
func swarm(t *testing.T, r *rig, first int) {
	t.Helper()
	now, group := time.Now(), fmt.Sprintf("@TGS#%d", first)
	tencent := func(command, rest string) {
		r.hook(t, tencentURL(r, now), fmt.Sprintf(`{"CallbackCommand":%q,"GroupId":%q,"Type":"Public",%s}`, command, group, rest))
	}
	cams := "http://" + r.app.WebhookAddr() + "/webhook/cams/" + r.sim.Options().CAMS.WebhookSecret
	switch kind := first / 100 % 10; kind {
	case 0, 1, 2, 3:
		tencent("Group.CallbackAfterNewMemberJoin", fmt.Sprintf(`"JoinType":"Apply","Operator_Account":"x","NewMemberList":[%s]`,
			each(100, first, `{"Member_Account":"member-%[1]d"}`)))
	case 4:
		tencent("Group.CallbackAfterMemberExit", fmt.Sprintf(`"ExitType":"Quit","Operator_Account":"x","ExitMemberList":[%s]`,
			each(100, first, `{"Member_Account":"member-%[1]d"}`)))
	case 5:
		for i := range 100 {
			text := "hello"
			if i == 0 {
				text = "casino"
			}
			tencent("Group.CallbackAfterSendMsg", fmt.Sprintf(`"From_Account":"member-%[1]d","Operator_Account":"member-%[1]d","Random":%[1]d,"MsgSeq":%[1]d,
"MsgTime":%[2]d,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%[3]q}}]`, first+i, now.Unix(), text))
		}
	case 6:
		for i := range 100 {
			tencent(fmt.Sprintf("Group.CallbackOfMember%d", first+i), `"x":1`)
		}
	case 7:
		o := r.sim.Options().CAMS
		joined := fmt.Sprintf(`{"NoticeType":"group_participants_update","CustSpaceId":%q,"BusinessNumber":%q,"GroupId":"EA%d","Type":"group_participants_add",
"Reason":"invite_link","Participants":[{"ParticipantNumber":"1555%%07[1]d"}],"Timestamp":%d}`, o.CustSpaceID, o.BusinessNumber, first, now.UnixMilli())
		r.hook(t, cams, "["+each(50, first, joined)+","+
			each(50, first+50, `{"WabaId":"1","GroupId":"EA1","Member":"member-%[1]d","Event":"event-%[1]d"}`)+"]")
	default:
		push := fmt.Sprintf(`{"MessageId":"m%%[1]d","From":"1555%%07[1]d","To":%q,"Type":"TEXT","Message":"hello","Timestamp":%d,"GroupId":"EA%d"}`,
			r.sim.Options().CAMS.BusinessNumber, now.UnixMilli(), first)
		list := each(100, first, push)
		if first%1000 == 900 {
			list = strings.Replace(list, "hello", "casino", 1)
		}
		r.hook(t, cams, "["+list+"]")
	}
}

// TestSeriesAreBounded lets 100,000 members act in a thousand groups, while both providers answer with
// a hundred codes that nobody knows, and counts what a scrape holds then.
func TestSeriesAreBounded(t *testing.T) {
	members, codes := 100_000, 100
	if testing.Short() {
		members, codes = 20_000, 20
	}
	r := everything(t, redistest.Start(t), func(c *config.Config) { c.CAMS.CallsPerSecond = 1000 })
	before, _ := scrape(t, r)
	for i := range codes {
		for api, code := range map[string]any{"get_role_in_group": 31_000 + i, "DeleteChatGroupParticipants": fmt.Sprintf("Odd.Code%d", i)} {
			if err := r.sim.Inject(sim.Fault{API: api, Code: code}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var wg sync.WaitGroup
	const senders = 16
	for s := range senders {
		wg.Go(func() {
			for first := s * 100; first < members; first += senders * 100 {
				swarm(t, r, first)
			}
		})
	}
	wg.Wait()
	eventually(t, "the codes are counted", func() bool {
		series, _ := scrape(t, r)
		odd := 0
		for name := range series {
			if strings.Contains(name, `code="31`) || strings.Contains(name, `code="Odd`) {
				odd++
			}
		}
		return odd >= 2*min(codes, 12)-4
	})
	after, _ := scrape(t, r)
	t.Logf("%d series before, %d after %d members", len(before), len(after), members)
	if len(after) > maxSeries {
		t.Errorf("%d series", len(after))
	}
	for name := range after {
		if strings.Contains(name, "ember-") || strings.Contains(name, "@TGS") || strings.Contains(name, "CallbackOf") || strings.Contains(name, `"EA`) {
			t.Errorf("a member, a group or a callback became a label: %s", name)
		}
	}
}
