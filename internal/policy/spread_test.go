package policy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// entryOf returns a trail's entry of a member in a group, seconds before the test's event.
func entryOf(group, member string, ago int) chat.Entry {
	e := message("")
	e.Group.ID, e.Member = chat.GroupID(group), chat.MemberID(member)
	return chat.Entry{At: testNow.Add(-time.Duration(ago) * time.Second), Event: group + member, Note: note(e)}
}

func TestABurstIsRemovedAsAWhole(t *testing.T) {
	r := load(t, `{version: 1, defaults: {exempt: {members: [friend]}}, rules: [{id: raid, on: join, mode: enforce,
		when: {count: {joins: 3, within: 1m}}, then: [remove: {who: burst, reason: raid}]}]}`)
	look := r.Needs(join("u3"))
	if len(look.Windows) != 2 || look.Windows[0].Note != "" || look.Windows[1].Note == "" || look.Windows[0].ID == look.Windows[1].ID {
		t.Fatalf("windows %+v", look.Windows)
	}
	trail := []chat.Entry{entryOf("@TGS#1", "u1", 20), entryOf("@TGS#1", "friend", 15), entryOf("@TGS#1", "u2", 10), entryOf("@TGS#1", "u1", 5)}
	later := entryOf("@TGS#1", "u9", 1)
	later.At = testNow.Add(1)
	trail = append(trail, later, chat.Entry{At: testNow, Note: "damaged"})
	d := r.Evaluate(join("u3"), chat.Facts{Counts: []int{3, 0}, Trails: [][]chat.Entry{nil, trail}})
	if d.Case == nil || !slices.Equal(d.Case.Intents[0].Also, []chat.MemberID{"u1", "u2"}) || len(d.Parts) != 0 {
		t.Fatalf("decision %+v", d)
	}
	var members []chat.MemberID
	for _, a := range d.Case.Actions() {
		members = append(members, a.Member)
		if a.Intent.Also != nil || a.Intent.Reason != "raid" {
			t.Errorf("action %+v", a)
		}
	}
	if !slices.Equal(members, []chat.MemberID{"u3", "u1", "u2"}) {
		t.Errorf("actions on %v", members)
	}
	if d := r.Evaluate(join("u3"), chat.Facts{Counts: []int{2, 0}, Trails: [][]chat.Entry{nil, trail}}); d.Case != nil {
		t.Errorf("two joins of three: %+v", d.Case)
	}
}

func TestARemovalFromAllGroupsIsACaseForEach(t *testing.T) {
	rules := func(who string) *Rules {
		return load(t, fmt.Sprintf(`{version: 1, rules: [{id: r, on: message, mode: enforce,
			when: {text: {has_any: [a]}, count: {messages: 3, within: 1m, per: account}}, then: [remove: {%s from: all_matching_groups}]}]}`, who))
	}
	trail := []chat.Entry{entryOf("@TGS#2", "u1", 9), entryOf("@TGS#2", "u2", 8), entryOf("@TGS#3", "u2", 7), entryOf("@TGS#1", "u2", 6)}
	facts := chat.Facts{Counts: []int{5, 0}, Trails: [][]chat.Entry{nil, trail}}

	d := rules("").Evaluate(message("a"), facts)
	if len(d.Parts) != 1 || d.Parts[0].Event.Group.ID != "@TGS#2" || d.Parts[0].Event.Member != "u1" || d.Parts[0].Of != d.Case.ID ||
		d.Parts[0].ID == d.Case.ID || d.Case.Intents[0].Also != nil || d.Parts[0].Event.Text != "" {
		t.Errorf("case %+v, parts %+v", d.Case, d.Parts)
	}

	d = rules("who: burst,").Evaluate(message("a"), facts)
	got := map[chat.GroupID][]chat.MemberID{}
	for _, c := range append(d.Parts, *d.Case) {
		for _, a := range c.Actions() {
			got[a.Group.ID] = append(got[a.Group.ID], a.Member)
		}
	}
	if fmt.Sprint(got) != "map[@TGS#1:[u1 u2] @TGS#2:[u1 u2] @TGS#3:[u2]]" {
		t.Errorf("actions %v", got)
	}
	again := rules("who: burst,").Evaluate(message("a"), facts)
	for i := range d.Parts {
		if again.Parts[i].ID != d.Parts[i].ID {
			t.Errorf("part %d has another ID the second time", i)
		}
	}
}

func TestAMessageIsTakenBackOnceItIsSent(t *testing.T) {
	r := load(t, `{version: 1, rules: [{id: r, on: message, mode: enforce, when: {text: {has_any: [a]}}, then: [recall: {}, remove: {}]}]}`)
	before := message("a")
	before.Asked = true
	d := r.Evaluate(before, chat.Facts{})
	if d.Case == nil || len(d.Parts) != 0 {
		t.Fatalf("before it is sent: %+v", d)
	}
	after := message("a")
	after.Message = "17"
	sent := r.Evaluate(after, chat.Facts{})
	if sent.Case.ID != d.Case.ID || len(sent.Parts) != 1 {
		t.Fatalf("after it is sent: %+v", sent)
	}
	actions := sent.Parts[0].Actions()
	if len(actions) != 1 || actions[0].Intent.Kind != chat.Recall || actions[0].Intent.Message != "17" || actions[0].Member != "u1" {
		t.Errorf("actions %+v", actions)
	}
}
