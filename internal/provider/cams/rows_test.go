package cams

import (
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

func locked(change func(*chat.Intent)) chat.Action {
	a := act(chat.Lockdown, "")
	change(&a.Intent)
	return a
}

// TestEveryIntentOnAWhatsAppGroup is the intent table's column of CAMS, with the calls that the
// simulator received.
func TestEveryIntentOnAWhatsAppGroup(t *testing.T) {
	one := []chat.Action{act(chat.Remove, "15550100001")}
	_, nine := removals(9)
	for name, tc := range map[string]struct {
		todo     []chat.Action
		calls    []string
		outcomes []string
		text     string // a part of what is said about it
		left     int    // of 8 members
	}{
		"remove":           {one, []string{apiRemove + " 1", apiMembers}, []string{"0 OK"}, "", 7},
		"remove, eight":    {nine[:8], []string{apiRemove + " 8", apiMembers}, slices.Repeat([]string{"0 OK"}, 8), "", 0},
		"remove, nine":     {nine, []string{apiRemove + " 8", apiMembers, apiRemove + " 1", apiMembers}, slices.Repeat([]string{"0 OK"}, 9), "", 0},
		"remove, the bot":  {[]chat.Action{act(chat.Remove, "+"+testBusiness)}, nil, []string{"1 business_number"}, "never removed", 8},
		"remove, a BSUID":  {[]chat.Action{act(chat.Remove, "US.15550100001")}, nil, []string{"5 no_number"}, "user ID", 8},
		"warn":             {[]chat.Action{warning("15550100001", "please stop")}, []string{apiSay}, []string{"0 OK"}, "", 8},
		"warn, the bot":    {[]chat.Action{warning(testBusiness, "please stop")}, nil, []string{"1 business_number"}, "never warned", 8},
		"lockdown: revoke": {[]chat.Action{act(chat.Lockdown, "")}, []string{apiRevoke}, []string{"0 OK"}, "", 8},
		"lockdown: all": {[]chat.Action{locked(func(i *chat.Intent) { i.Close, i.MuteAll = true, true })}, []string{apiRevoke}, []string{"0 OK"},
			"not possible in a WhatsApp group: closing the group to those who have a new link, muting everybody", 8},
		"lockdown: close":    {[]chat.Action{locked(func(i *chat.Intent) { i.Revoke, i.Close = false, true })}, nil, []string{"impossible"}, "only be locked by revoking", 8},
		"lockdown: mute all": {[]chat.Action{locked(func(i *chat.Intent) { i.Revoke, i.MuteAll = false, true })}, nil, []string{"impossible"}, "only be locked by revoking", 8},
		"dissolve":           {[]chat.Action{act(chat.Dissolve, "")}, []string{apiDissolve}, []string{"0 OK"}, "", 0},
		"mute":               {[]chat.Action{act(chat.Mute, "15550100001")}, nil, []string{"impossible"}, "mute is not possible", 8},
		"block":              {[]chat.Action{act(chat.Block, "15550100001")}, nil, []string{"impossible"}, "block is not possible", 8},
		"recall":             {[]chat.Action{act(chat.Recall, "15550100001")}, nil, []string{"impossible"}, "taken back", 8},
		"readmit":            {[]chat.Action{act(chat.Readmit, "15550100001")}, nil, []string{"impossible"}, "a person has to invite the number again", 8},
		"unmute":             {[]chat.Action{act(chat.Unmute, "15550100001")}, nil, []string{"impossible"}, "nothing to lift", 8},
		"unlock":             {[]chat.Action{act(chat.Unlock, "")}, nil, []string{"impossible"}, "a person's choice", 8},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSimRig(t, sim.CAMSOptions{ListBusiness: true})
			members, _ := removals(8)
			r.add(t, members...)
			outcomes, calls, texts := r.send(t, 1, tc.todo...)
			wantStrings(t, "calls", calls, tc.calls)
			wantStrings(t, "outcomes", outcomes, tc.outcomes)
			if !strings.Contains(texts, tc.text) || strings.Contains(texts, "please") {
				t.Errorf("it is said that %q, want %q", texts, tc.text)
			}
			if got := len(r.World().Members("G1")); got != tc.left {
				t.Errorf("%d members are left, want %d", got, tc.left)
			}
			if r.Violations() != (sim.Violations{}) {
				t.Errorf("violations %+v", r.Violations())
			}
		})
	}
}

func TestDoubtfulAnswersAreDecidedByWhatIsListed(t *testing.T) {
	no, twenty, none := false, 20, 0
	remove, list := []string{apiRemove + " 2", apiMembers}, func(n string) []string { return []string{apiRemove + n, apiMembers} }
	_, two := removals(2)
	lock, end := []chat.Action{act(chat.Lockdown, "")}, []chat.Action{act(chat.Dissolve, "")}
	for name, tc := range map[string]struct {
		faults   []sim.Fault
		todo     []chat.Action
		attempts int
		outcomes []string
		calls    []string
		gone     []chat.MemberID
	}{
		"Success is false, and they are gone": {[]sim.Fault{{CAMS: &sim.CAMSFault{Success: &no, Result: &twenty}}}, two, 1,
			[]string{"0 OK", "0 OK"}, remove, []chat.MemberID{"15550100001", "15550100002"}},
		"Success is false, and they are not": {[]sim.Fault{{CAMS: &sim.CAMSFault{Success: &no, Result: &twenty, Nothing: true}}}, two, 2,
			[]string{"2 still_listed", "2 still_listed", "0 OK", "0 OK"}, slices.Concat(remove, remove), []chat.MemberID{"15550100001", "15550100002"}},
		"Result is 20, and nothing was done": {[]sim.Fault{{CAMS: &sim.CAMSFault{Result: &twenty, Nothing: true}}}, two, 1,
			[]string{"2 still_listed", "2 still_listed"}, remove, nil},
		"Result is 0, and they are gone": {[]sim.Fault{{CAMS: &sim.CAMSFault{Result: &none}}}, two, 1,
			[]string{"0 OK", "0 OK"}, remove, []chat.MemberID{"15550100001", "15550100002"}},
		"half of them": {[]sim.Fault{{Partial: true}}, two, 2,
			[]string{"0 OK", "2 still_listed", "0 OK"}, slices.Concat(remove, list(" 1")), []chat.MemberID{"15550100001", "15550100002"}},
		"the list is behind": {[]sim.Fault{{CAMS: &sim.CAMSFault{Linger: 2}}}, two, 3,
			slices.Concat(slices.Repeat([]string{"2 still_listed"}, 4), []string{"0 OK", "0 OK"}), slices.Concat(remove, remove, remove),
			[]chat.MemberID{"15550100001", "15550100002"}},
		"no answer, and they are gone": {[]sim.Fault{{Cut: true, Late: true}}, two, 2,
			[]string{"2 error", "2 error", "0 OK", "0 OK"}, []string{apiRemove + " 2", apiRemove + " 2", apiMembers}, []chat.MemberID{"15550100001", "15550100002"}},
		"no list": {[]sim.Fault{{API: apiMembers, Status: 503, Code: "ServiceUnavailable"}}, two, 2,
			[]string{"2 unconfirmed", "2 unconfirmed", "0 OK", "0 OK"}, slices.Concat(remove, remove), []chat.MemberID{"15550100001", "15550100002"}},
		"link: Success is false, and it is gone": {[]sim.Fault{{CAMS: &sim.CAMSFault{Success: &no}}}, lock, 1, []string{"0 OK"}, []string{apiRevoke, apiGroups}, nil},
		"link: Result is 0, and it stands":       {[]sim.Fault{{CAMS: &sim.CAMSFault{Nothing: true}}}, lock, 2, []string{"2 indeterminate", "0 OK"}, []string{apiRevoke, apiGroups, apiRevoke}, nil},
		"link: Result is 0, and it is gone":      {[]sim.Fault{{CAMS: &sim.CAMSFault{Result: &none}}}, lock, 1, []string{"0 OK"}, []string{apiRevoke, apiGroups}, nil},
		"link: in doubt, each time there is a new one": {[]sim.Fault{{API: apiRevoke, Times: -1, CAMS: &sim.CAMSFault{Success: &no, NewLink: true}}}, lock, 3,
			[]string{"2 indeterminate", "0 OK"}, []string{apiRevoke, apiGroups, apiRevoke, apiGroups}, nil},
		"link: in doubt, and never gone": {[]sim.Fault{{API: apiRevoke, Times: -1, CAMS: &sim.CAMSFault{Nothing: true}}}, lock, 2,
			[]string{"2 indeterminate", "2 indeterminate"}, []string{apiRevoke, apiGroups, apiRevoke, apiGroups}, nil},
		"end: Success is false, and it is gone": {[]sim.Fault{{CAMS: &sim.CAMSFault{Success: &no}}}, end, 1, []string{"0 OK"}, []string{apiDissolve, apiGroups}, nil},
		"end: Result is 0, and it stands":       {[]sim.Fault{{CAMS: &sim.CAMSFault{Nothing: true}}}, end, 2, []string{"2 indeterminate", "0 OK"}, []string{apiDissolve, apiGroups, apiDissolve}, nil},
		"end: done before":                      {[]sim.Fault{{Cut: true, Late: true}}, end, 2, []string{"2 error", "0 131041"}, []string{apiDissolve, apiDissolve}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSimRig(t, sim.CAMSOptions{})
			r.add(t, "15550100001", "15550100002", "15550100003")
			if err := r.Inject(tc.faults...); err != nil {
				t.Fatal(err)
			}
			outcomes, calls, _ := r.send(t, tc.attempts, tc.todo...)
			wantStrings(t, "outcomes", outcomes, tc.outcomes)
			wantStrings(t, "calls", calls, tc.calls)
			if !slices.Equal(r.gone.gone, tc.gone) {
				t.Errorf("told of %v, want %v", r.gone.gone, tc.gone)
			}
		})
	}
}
