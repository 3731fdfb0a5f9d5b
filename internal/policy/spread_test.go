package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const raid = `{version: 1, defaults: {exempt: {members: [friend]}}, rules: [{id: raid, on: join, mode: enforce,
	when: {count: {joins: 3, within: 1m}}, then: [remove: {who: burst, reason: raid}, alert: {}]}]}`

// joined returns a join of the member, seconds after the test's begin.
func joined(member string, seconds int) *chat.Event {
	e := join(chat.MemberID(member))
	e.ID, e.At = chat.EventID(fmt.Sprint(member, seconds)), testNow.Add(time.Duration(seconds)*time.Second)
	return e
}

func TestABurstIsRemovedAsAWhole(t *testing.T) {
	r, m := load(t, raid), newMemory()
	for i, member := range []string{"u1", "friend"} {
		if d := m.judge(r, joined(member, i)); d.Case != nil {
			t.Fatalf("%s alone is a raid: %+v", member, d.Case)
		}
	}
	m.judge(r, joined("u2", 10))
	d := m.judge(r, joined("u3", 20))
	if got := strings.Join(acted(d), " "); got != "@TGS#1/u1 @TGS#1/u2 @TGS#1/u3" {
		t.Fatalf("removed %s", got)
	}
	for _, part := range d.Parts {
		if part.Of != d.Case.ID || part.ID == d.Case.ID || part.Intents[0].Reason != "raid" || part.Event.Text != "" {
			t.Errorf("part %+v", part)
		}
		if part.Event.Member == "u1" && !part.Event.At.Equal(testNow) {
			t.Errorf("the part of the first joiner is dated %s", part.Event.At)
		}
	}
}

func TestABurstHoldsEachOffenceAgainstItsMemberOnce(t *testing.T) {
	r, m := load(t, raid), newMemory()
	named := map[chat.CaseID]chat.MemberID{}
	for i := range 40 {
		for _, part := range m.judge(r, joined(fmt.Sprint("u", i), i)).Parts {
			if who, known := named[part.ID]; known && who != part.Event.Member {
				t.Fatalf("%s and %s share a case", who, part.Event.Member)
			}
			named[part.ID] = part.Event.Member
		}
	}
	if len(named) != 40 {
		t.Errorf("%d removals of 40 members", len(named))
	}
	if n := len(m.judge(r, joined("u99", 41)).Parts); n > 3 {
		t.Errorf("an event late in a raid names %d members again", n)
	}
}

func TestALateEventTakesThoseOfTheSpanThatItFills(t *testing.T) {
	r, m := load(t, strings.Replace(raid, "1m", "10s", 1)), newMemory()
	for member, at := range map[string]int{"a": 0, "c": 15, "d": 16} {
		if d := m.judge(r, joined(member, at)); d.Case != nil {
			t.Fatalf("%s fills a window", member)
		}
	}
	if got := strings.Join(acted(m.judge(r, joined("b", 9))), " "); got != "@TGS#1/b @TGS#1/c @TGS#1/d" {
		t.Errorf("removed %s", got)
	}
}

func TestARepeatedEventTakesThoseBeforeIt(t *testing.T) {
	r, m := load(t, raid), newMemory()
	for i := range 8 {
		m.judge(r, joined(fmt.Sprint("m", i), i))
	}
	if got := strings.Join(acted(m.judge(r, joined("m2", 2))), " "); !strings.HasPrefix(got, "@TGS#1/m0 @TGS#1/m1 @TGS#1/m2") {
		t.Errorf("removed %s", got)
	}
}

func TestARemovalFromAllGroups(t *testing.T) {
	said := func(group, member string, second int) *chat.Event {
		e := message("a")
		e.Group.ID, e.Member, e.ID = chat.GroupID(group), chat.MemberID(member), chat.EventID(fmt.Sprint(group, member))
		e.At = testNow.Add(time.Duration(second) * time.Second)
		return e
	}
	for who, want := range map[string]string{"": "g1/u1 g2/u1", "who: burst, ": "g1/u1 g1/u2 g2/u1 g2/u2 g3/u2"} {
		r, m := load(t, fmt.Sprintf(`{version: 1, rules: [{id: r, on: message, mode: enforce,
			when: {text: {has_any: [a]}, count: {messages: 5, within: 1m, per: account}}, then: [remove: {%sfrom: all_matching_groups}]}]}`, who)), newMemory()
		for i, e := range []*chat.Event{said("g2", "u1", 0), said("g2", "u2", 1), said("g3", "u2", 2), said("g1", "u2", 3)} {
			if d := m.judge(r, e); d.Case != nil {
				t.Fatalf("message %d of five acts", i+1)
			}
		}
		if got := strings.Join(acted(m.judge(r, said("g1", "u1", 4))), " "); got != want {
			t.Errorf("%q: removed %s, want %s", who, got, want)
		}
	}
}

func TestWhatWasCountedUnderOtherConditionsIsNoReasonToAct(t *testing.T) {
	before := `{version: 1, rules: [{id: r, on: message, when: {link: {any: true}, count: {messages: 3, within: 1h, per: group}}, then: [remove: {who: burst}]}]}`
	after := strings.Replace(strings.Replace(before, "on: message,", "on: message, mode: enforce, unless: [{name: partner, link: {domain_in: [example.com]}}],", 1), "then", "then", 1)
	m := newMemory()
	post := func(r *Rules, member, text string, second int) Decision {
		e := message(text)
		e.Member, e.ID, e.At = chat.MemberID(member), chat.EventID(member), testNow.Add(time.Duration(second)*time.Second)
		return m.judge(r, e)
	}
	shadow, enforced := load(t, before), load(t, after)
	post(shadow, "partner1", "example.com/a", 0)
	post(shadow, "partner2", "example.com/b", 1)
	if got := strings.Join(acted(post(enforced, "spammer", "win.example.net", 2)), " "); got != "@TGS#1/spammer" {
		t.Errorf("removed %s", got)
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
