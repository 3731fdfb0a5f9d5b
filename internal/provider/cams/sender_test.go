package cams

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// act is an action of the account under test.
func act(kind chat.IntentKind, member chat.MemberID) chat.Action {
	return chat.Action{
		ID: chat.ActionID("a-" + string(member)), GroupType: chat.WhatsApp, Member: member, Intent: chat.Intent{Kind: kind, Revoke: kind == chat.Lockdown},
		Group: chat.Group{Provider: chat.CAMS, Account: testSpace, ID: "G1"},
	}
}

func TestRoutes(t *testing.T) {
	s := newRig(t, nil).sender
	for name, tc := range map[string]struct {
		action chat.Action
		want   actions.Route // zero: impossible
	}{
		"remove":                 {act(chat.Remove, "15550100001"), actions.Route{API: apiRemove, Max: 8, Rate: 5}},
		"lockdown":               {act(chat.Lockdown, ""), actions.Route{API: apiRevoke, Max: 1, Rate: 5}},
		"dissolve":               {act(chat.Dissolve, ""), actions.Route{API: apiDissolve, Max: 1, Rate: 5}},
		"warn":                   {warning("15550100001", "please stop"), actions.Route{API: apiSay, Max: 1, Rate: 5, Yields: true}},
		"warning of nobody":      {action: warning("", "please stop")},
		"warning without a text": {action: warning("15550100001", "")},
		"recall":                 {action: act(chat.Recall, "15550100001")},
		"mute":                   {action: act(chat.Mute, "15550100001")},
		"block":                  {action: act(chat.Block, "15550100001")},
		"lockdown that leaves the link": {action: func() chat.Action {
			a := act(chat.Lockdown, "")
			a.Intent.Revoke = false
			return a
		}()},
		"remove of nobody": {action: act(chat.Remove, "")},
		"no group": {action: func() chat.Action {
			a := act(chat.Remove, "15550100001")
			a.Group.ID = ""
			return a
		}()},
		"another channel": {action: func() chat.Action {
			a := act(chat.Remove, "15550100001")
			a.Group.Account = "cams-other"
			return a
		}()},
		"another provider": {action: func() chat.Action {
			a := act(chat.Dissolve, "")
			a.Group.Provider = chat.Tencent
			return a
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.Route(tc.action)
			if got != tc.want || (err == nil) != (tc.want.API != "") {
				t.Fatalf("Route gives %+v, %v", got, err)
			}
		})
	}
}

func TestRemovalsMergeWhateverTheirReason(t *testing.T) {
	s := newRig(t, nil).sender
	a, b := act(chat.Remove, "15550100001"), act(chat.Remove, "15550100002")
	a.Intent.Reason, b.Intent.Silent, b.Intent.Until = "spam", true, time.Now()
	ra, _ := s.Route(a)
	rb, _ := s.Route(b)
	if ra != rb {
		t.Errorf("routes differ: %+v, %+v", ra, rb)
	}
}

func TestRemoval(t *testing.T) {
	const one, two = "15550100001", "15550100002"
	failed212 := reply{body: `{"Code":"131212","Message":"not a member","RequestId":"req-1"}`}
	both := []string{apiRemove, apiMembers}
	for name, tc := range map[string]struct {
		members []chat.MemberID
		remove  []reply
		list    []reply
		want    []string // class and code of each
		calls   []string
	}{
		"gone":                          {[]chat.MemberID{one, two}, nil, pages([]string{listAnswer(1, "15550100003")}), []string{"0 OK", "0 OK"}, both},
		"one is listed still":           {[]chat.MemberID{one, two}, nil, pages([]string{listAnswer(1, "+"+two)}), []string{"0 OK", "2 still_listed"}, both},
		"an answer that proves nothing": {[]chat.MemberID{one}, pages([]string{sample(t, "api_delete_participants_doc_sample.json")}), pages([]string{listAnswer(0)}), []string{"0 OK"}, both},
		"nothing, and still there":      {[]chat.MemberID{one}, pages([]string{sample(t, "api_delete_participants_doc_sample.json")}), pages([]string{listAnswer(1, one)}), []string{"2 still_listed"}, both},
		"nobody was removed":            {[]chat.MemberID{one}, pages([]string{sample(t, "api_delete_participants_noop.json")}), pages([]string{listAnswer(0)}), []string{"0 OK"}, both},
		"list fails":                    {[]chat.MemberID{one, two}, nil, []reply{{status: 503, body: `{"Code":"ServiceUnavailable"}`}}, []string{"2 unconfirmed", "2 unconfirmed"}, both},
		"list is refused":               {[]chat.MemberID{one}, nil, []reply{{status: 403, body: sample(t, "api_error_no_permission.json")}}, []string{"2 unconfirmed"}, both},
		"list does not add up":          {[]chat.MemberID{one}, nil, pages([]string{listAnswer(2, "15550100003"), listAnswer(2)}), []string{"2 unconfirmed"}, []string{apiRemove, apiMembers, apiMembers}},
		"not a member":                  {[]chat.MemberID{one}, []reply{failed212}, nil, []string{"0 131212"}, both[:1]},
		"one of two is not a member":    {[]chat.MemberID{one, two}, []reply{failed212}, pages([]string{listAnswer(1, two)}), []string{"0 131212", "2 still_listed"}, both},
		"partial success":               {[]chat.MemberID{one, two}, pages([]string{`{"Code":"131201"}`}), pages([]string{listAnswer(1, two)}), []string{"0 131201", "2 still_listed"}, both},
		"partial success of one":        {[]chat.MemberID{one}, pages([]string{`{"Code":"131201"}`}), pages([]string{listAnswer(1, one)}), []string{"2 still_listed"}, both},
		"throttled":                     {[]chat.MemberID{one, two}, []reply{{status: 400, body: `{"Code":"Throttling.User"}`}}, nil, []string{"3 Throttling.User", "3 Throttling.User"}, both[:1]},
		"group is unknown":              {[]chat.MemberID{one}, pages([]string{`{"Code":"131041"}`}), nil, []string{"5 131041"}, both[:1]},
		"group is unknown to two":       {[]chat.MemberID{one, two}, pages([]string{`{"Code":"131041"}`}), nil, []string{"5 131041", "5 131041"}, both[:1]},
		"no permission for two":         {[]chat.MemberID{one, two}, []reply{{status: 403, body: sample(t, "api_error_no_permission.json")}}, nil, []string{"5 NoPermission", "5 NoPermission"}, both[:1]},
		"bad number among two":          {[]chat.MemberID{one, two}, []reply{{status: 400, body: `{"Code":"InvalidParameter.PhoneNumberError"}`}}, nil, []string{"6 InvalidParameter.PhoneNumberError", "6 InvalidParameter.PhoneNumberError"}, both[:1]},
		"bad number alone":              {[]chat.MemberID{one}, []reply{{status: 400, body: `{"Code":"InvalidParameter.PhoneNumberError"}`}}, nil, []string{"5 InvalidParameter.PhoneNumberError"}, both[:1]},
		"bad number named twice":        {[]chat.MemberID{one, one}, []reply{{status: 400, body: `{"Code":"InvalidParameter"}`}}, nil, []string{"5 InvalidParameter", "5 InvalidParameter"}, both[:1]},
		"Meta minds one of two":         {[]chat.MemberID{one, two, testBusiness}, pages([]string{`{"Code":"Failed","Message":"131026: cannot"}`}), nil, []string{"6 Failed", "6 Failed", "1 business_number"}, both[:1]},
		"Meta minds the only one":       {[]chat.MemberID{one, testBusiness}, pages([]string{`{"Code":"131026"}`}), nil, []string{"5 131026", "1 business_number"}, both[:1]},
		"connection cut":                {[]chat.MemberID{one}, []reply{{cut: true}}, nil, []string{"2 error"}, both[:1]},
		"business number":               {[]chat.MemberID{testBusiness}, nil, nil, []string{"1 business_number"}, nil},
		"business number with plus":     {[]chat.MemberID{"+" + testBusiness}, nil, nil, []string{"1 business_number"}, nil},
		"user ID":                       {[]chat.MemberID{"US.10000000000000000001"}, nil, nil, []string{"5 no_number"}, nil},
		"a mix":                         {[]chat.MemberID{testBusiness, one, "US.1"}, nil, pages([]string{listAnswer(0)}), []string{"1 business_number", "0 OK", "5 no_number"}, both},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiRemove: tc.remove, apiMembers: tc.list})
			var batch []chat.Action
			for _, m := range tc.members {
				batch = append(batch, act(chat.Remove, m))
			}
			route, err := r.sender.Route(batch[0])
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range r.sender.Send(t.Context(), route, batch) {
				got = append(got, fmt.Sprintf("%d %s", o.Class, o.Code))
				if o.Code == "still_listed" && o.Wait < time.Second {
					t.Errorf("asynchronous removal is looked at again after %s", o.Wait)
				}
				if o.Class == actions.Permanent && o.Code == "no_number" && !strings.Contains(o.Text, "user ID") {
					t.Errorf("text is %q", o.Text)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("outcomes are %v, want %v", got, tc.want)
			}
			if made := r.made(); !slices.Equal(made, tc.calls) {
				t.Errorf("calls are %v, want %v", made, tc.calls)
			}
			wantListSlots(t, r, len(tc.calls)-1)
		})
	}
}

// wantListSlots checks that every list took a slot of its own, and nothing else did.
func wantListSlots(t *testing.T, r *rig, lists int) {
	t.Helper()
	taken := r.gate.taken()
	if len(taken) != max(lists, 0) {
		t.Errorf("slots are %v for %d lists", taken, lists)
	}
	for _, k := range taken {
		if k != "cams "+apiMembers {
			t.Errorf("slot of %q was taken", k)
		}
	}
}

func TestOnlyNumbersAreSentAndEachOnce(t *testing.T) {
	r := newRig(t, map[string][]reply{apiMembers: pages([]string{listAnswer(0)})})
	batch := []chat.Action{act(chat.Remove, "15550100001"), act(chat.Remove, "US.15550100009"), act(chat.Remove, "15550100001"), act(chat.Remove, testBusiness)}
	r.sender.Send(t.Context(), actions.Route{API: apiRemove, Max: 8}, batch)
	if got := r.calls[0].Get("List"); got != `[{"ParticipantNumber":"15550100001"}]` {
		t.Errorf("List is %s", got)
	}
}

func TestABatchOfTwoGroupsIsRefused(t *testing.T) {
	r := newRig(t, nil)
	other := act(chat.Remove, "15550100002")
	other.Group.ID = "G2"
	for name, tc := range map[string]struct {
		api   string
		batch []chat.Action
	}{
		"two groups":           {apiRemove, []chat.Action{act(chat.Remove, "15550100001"), other}},
		"another intent":       {apiRemove, []chat.Action{act(chat.Mute, "15550100001")}},
		"two groups to delete": {apiDissolve, []chat.Action{act(chat.Dissolve, ""), act(chat.Dissolve, "")}},
		"unknown call":         {"DeleteEverything", []chat.Action{act(chat.Dissolve, "")}},
	} {
		for _, o := range r.sender.Send(t.Context(), actions.Route{API: tc.api, Max: 8}, tc.batch) {
			if o.Class != actions.Permanent {
				t.Errorf("%s: outcome is %+v", name, o)
			}
		}
	}
	if len(r.made()) != 0 {
		t.Errorf("calls were made: %v", r.made())
	}
}

func TestLockdownAndDissolve(t *testing.T) {
	unsure := pages([]string{`{"Code":"OK","Success":false,"Result":20,"RequestId":"req-1"}`})
	groups := func(rows ...string) []reply {
		return pages([]string{fmt.Sprintf(`{"Code":"OK","Success":true,"Data":{"Total":%d,"List":[%s]}}`, len(rows), strings.Join(rows, ","))})
	}
	active := `{"GroupId":"G1","GroupStatus":"ACTIVE","InviteLink":"https://chat.whatsapp.com/x"}`
	for name, tc := range map[string]struct {
		kind  chat.IntentKind
		main  []reply
		list  []reply
		class actions.Class
		calls int
	}{
		"revoked":                           {chat.Lockdown, pages([]string{sample(t, "api_delete_invite_link_ok.json")}), nil, actions.OK, 1},
		"revoked perhaps, and it was":       {chat.Lockdown, unsure, groups(`{"GroupId":"G1","GroupStatus":"ACTIVE"}`), actions.OK, 2},
		"revoked perhaps, and there is one": {chat.Lockdown, unsure, groups(active), actions.Again, 2},
		"revoked perhaps, list fails":       {chat.Lockdown, unsure, []reply{{status: 500, body: "{}"}}, actions.Again, 2},
		"revoking refused":                  {chat.Lockdown, []reply{{status: 403, body: sample(t, "api_error_no_permission.json")}}, nil, actions.Permanent, 1},
		"dissolved":                         {chat.Dissolve, nil, nil, actions.OK, 1},
		"dissolved perhaps, and it was":     {chat.Dissolve, unsure, groups(), actions.OK, 2},
		"dissolved perhaps, under way":      {chat.Dissolve, unsure, groups(`{"GroupId":"G1","GroupStatus":"DELETING"}`), actions.OK, 2},
		"dissolved perhaps, and it stands":  {chat.Dissolve, unsure, groups(active), actions.Again, 2},
		"dissolved before":                  {chat.Dissolve, pages([]string{`{"Code":"131041"}`}), nil, actions.OK, 1},
		"dissolving fails":                  {chat.Dissolve, []reply{{status: 503, body: "{}"}}, nil, actions.Again, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiRevoke: tc.main, apiDissolve: tc.main, apiGroups: tc.list})
			a := act(tc.kind, "")
			route, err := r.sender.Route(a)
			if err != nil {
				t.Fatal(err)
			}
			out := r.sender.Send(t.Context(), route, []chat.Action{a})
			if len(out) != 1 || out[0].Class != tc.class || len(r.made()) != tc.calls {
				t.Errorf("outcomes are %+v after %v", out, r.made())
			}
		})
	}
}
