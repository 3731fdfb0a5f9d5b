package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
	"go.yaml.in/yaml/v3"
)

// Bounds of the tests in a file.
const (
	maxTests      = 10_000
	maxTestEvents = 1_000   // of one test
	maxFileEvents = 100_000 // of all tests: they run at each reload
)

// testStart is when the first event of a test happens, unless the test says otherwise: a Monday, at
// noon in UTC.
var testStart = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// Test is one test that stands in a rule: events, and whether the rule must match one of them.
type Test struct {
	Rule   chat.RuleID
	Number int    // among the rule's tests, from 1
	Note   string // for people
	File   string
	Line   int
	Column int
	Match  bool // the rule must match; else it must match none of the events
	At     int  // the event, from 1, which must be the first that it matches; 0: any

	base   chat.Event
	texts  []string
	from   []chat.MemberID // empty: a different member for each event
	groups []chat.GroupID
	n      int
	every  time.Duration
}

// Tests returns the tests of all rules, in file order.
func (r *Rules) Tests() []Test { return slices.Clone(r.tests) }

// Events returns the events of the test, in order. Texts, members and groups are taken in turn.
func (t *Test) Events() []chat.Event {
	events := make([]chat.Event, t.n)
	for i := range events {
		e := &events[i]
		*e = t.base
		number := strconv.Itoa(i + 1)
		e.ID, e.At = chat.EventID("test-"+number), t.base.At.Add(time.Duration(i)*t.every)
		e.Received, e.Group.ID = e.At, t.groups[i%len(t.groups)]
		e.Member = chat.MemberID("member-" + number)
		if len(t.from) > 0 {
			e.Member = t.from[i%len(t.from)]
		}
		if e.Kind != chat.Message {
			continue
		}
		e.Message = number
		if len(t.texts) > 0 {
			e.Text = t.texts[i%len(t.texts)]
		}
	}
	return events
}

// draft is a test that is being read.
type draft struct {
	Test
	r               *rule
	node            *yaml.Node
	spoken, joinish *yaml.Node // keys that only messages, or joins, have
	place           *yaml.Node // of at, when it is the number of an event
	joined          time.Duration
	joins, times    int
	number          *yaml.Node // of joins
	members         *yaml.Node // of from
}

// readTests reads the tests of a rule, once the rule itself is known.
func (l *loader) readTests(r *rule, n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		l.errorf(n, `such as [{say: "some text", expect: match}]`, "tests must be a list of tests")
		return
	}
	for i, item := range n.Content {
		d := &draft{r: r, node: item, times: 1}
		d.Rule, d.Number, d.File, d.Line, d.Column = r.id, i+1, l.src.Name, item.Line, item.Column
		d.every, d.base.At = time.Second, testStart
		had := len(l.problems)
		if !l.mapping(item, "a test", l.testKeys(d)) || HasErrors(l.problems[min(had, len(l.problems)):]) {
			continue
		}
		l.finishTest(d)
		l.out.tests = append(l.out.tests, d.Test)
		if l.testEvents += d.n; l.testEvents > maxFileEvents && l.testEvents-d.n <= maxFileEvents {
			l.errorf(item, "use smaller numbers of times and joins", "the tests up to here have more than %d events", maxFileEvents)
		}
		if len(l.out.tests) == maxTests+1 {
			l.errorf(item, "", "the file has more than %d tests", maxTests)
		}
	}
}

// finishTest fills in what the test does not say, and looks at how its keys go together.
func (l *loader) finishTest(d *draft) {
	e := &d.base
	l.testPlace(d)
	switch {
	case d.joinish != nil && d.spoken != nil:
		l.errorf(d.joinish, "make it two tests", "a test is about messages or about joins, and %s makes it both", d.spoken.Value)
	case d.spoken != nil:
		e.Kind = chat.Message
	case d.joinish != nil || d.r.on(chat.Join):
		e.Kind = chat.Join
	case d.r.on(chat.Message):
		l.errorf(d.node, `such as say: "some text"`, "the test says nothing, and the rule looks at messages")
	}
	if e.Kind != "" && len(d.r.kinds) > 0 && !d.r.on(e.Kind) {
		l.errorf(d.node, "on: "+string(d.r.kinds[0]), "the test is about a %s, and the rule does not look at such", e.Kind)
	}
	if e.Kind == chat.Message && len(d.texts) == 0 && len(e.Media) == 0 {
		e.Media = make([]string, len(e.Files))
		for i := range e.Media {
			e.Media[i] = chat.File
		}
	}
	if e.Kind == chat.Join && e.JoinKind == "" {
		e.JoinKind = chat.Applied
		if e.Inviter != "" {
			e.JoinKind = chat.Invited
		}
	}
	if d.joined > 0 {
		e.JoinedAt = e.At.Add(-d.joined)
	}
	l.testLength(d)
	e.Inviter = testMember(e.Provider, string(e.Inviter))
	for i := range d.from {
		d.from[i] = testMember(e.Provider, string(d.from[i]))
	}
}

// testLength finds out how many events the test has.
func (l *loader) testLength(d *draft) {
	round := max(len(d.texts), len(d.from), len(d.groups), 1)
	if d.joins > 0 {
		round = d.joins
		if d.members != nil {
			l.errorf(d.number, "remove one of them", "joins makes up its members, and from names them")
		}
	} else if len(d.from) == 0 {
		d.from = []chat.MemberID{"tester"}
	}
	d.n = round * d.times
	if d.n > maxTestEvents {
		l.errorf(d.node, "", "the test has %d events, more than %d", d.n, maxTestEvents)
		d.n = 1
	}
	switch {
	case d.place == nil:
	case !d.Match:
		l.errorf(d.place, "expect: match, or remove at", "at says which event the rule must match, and expect says that it must match none")
	case d.At > d.n:
		l.errorf(d.place, "", "at is event %d, and the test has %d", d.At, d.n)
	}
}

// testPlace fills in where the events happen: where the rule applies, unless the test says otherwise.
func (l *loader) testPlace(d *draft) {
	e := &d.base
	e.Account = "test"
	if e.Provider == "" {
		e.Provider = chat.Tencent
		if len(d.r.providers) > 0 {
			e.Provider = d.r.providers[0]
		} else if e.GroupType == chat.WhatsApp || e.GroupType == "" && len(d.r.groupTypes) > 0 && d.r.groupTypes[0] == chat.WhatsApp {
			e.Provider = chat.CAMS
		}
	}
	if e.GroupType == "" {
		e.GroupType = chat.Public
		if e.Provider == chat.CAMS {
			e.GroupType = chat.WhatsApp
		}
		if len(d.r.groupTypes) > 0 && !d.r.onType(e.GroupType) {
			e.GroupType = d.r.groupTypes[0]
		}
	}
	if len(d.groups) == 0 {
		d.groups = []chat.GroupID{"test-group"}
		if !d.r.onGroup("test-group") {
			d.groups[0] = chat.GroupID(strings.NewReplacer("*", "", "?", "x").Replace(string(d.r.groups[0])))
		}
	}
}

// testMember returns an ID as the provider writes it: numbers without a plus sign on CAMS.
func testMember(p chat.Provider, id string) chat.MemberID {
	if p == chat.CAMS && strings.HasPrefix(id, "+") {
		if digits, err := match.ParsePhone(id); err == nil {
			return chat.MemberID(digits)
		}
	}
	return chat.MemberID(id)
}
