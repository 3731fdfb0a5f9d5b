package desk_test

import (
	"errors"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

var (
	fans  = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#fans"}
	live  = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#live"}
	whats = chat.Group{Provider: chat.CAMS, Account: "cams-1", ID: "EA93UU0001"}
)

const rulesText = `version: 1
defaults: {mode: enforce}
rules:
  - {id: links, on: message, when: {link: {any: true}}, then: [{remove: {}}]}
`

// bench is a desk on an embedded store of its own, under a clock that the test moves.
type bench struct {
	*desk.Desk
	t     *testing.T
	store *sqlite.Store
	now   time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)}
	s, err := sqlite.Open(t.TempDir(), store.Options{Partitions: 2, Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(rulesText)}, b.now)
	if rules == nil {
		t.Fatal(problems)
	}
	b.store = s
	b.Desk = desk.New(desk.Config{
		Store: s, Now: func() time.Time { return b.now }, Rules: func() *policy.Rules { return rules },
		Accounts: map[chat.Provider]chat.Account{chat.Tencent: "1400000000", chat.CAMS: "cams-1"},
	})
	return b
}

// wants returns an intent of a rule.
func wants(kind chat.IntentKind, rule chat.RuleID) chat.Intent {
	return chat.Intent{Kind: kind, Rule: rule, Reason: "Links are closed"}
}

// broke stores a case: a member broke a rule in a group.
func (b *bench) broke(g chat.Group, member chat.MemberID, intents ...chat.Intent) chat.Case {
	b.t.Helper()
	id := chat.NewCaseID(g, chat.EventID(string(member)+b.now.Format(time.RFC3339Nano)))
	kind := chat.Public
	switch g {
	case live:
		kind = chat.AVChatRoom
	case whats:
		kind = chat.WhatsApp
	}
	c := chat.Case{
		ID: id, Code: id.Code(), Rules: "0123456789ab", Intents: intents,
		Event: chat.Event{
			At: b.now.Add(-time.Second), Group: g, GroupType: kind, ID: "e", Kind: chat.Message, Member: member, Name: "Bob",
			Text: "see http://win.example.net", Received: b.now,
		},
		Matches: []chat.Match{{Rule: intents[0].Rule, Title: "Links", Mode: "enforce"}},
	}
	b.commit(c)
	return c
}

// partOf stores a case that carries out part of another one.
func (b *bench) partOf(c chat.Case, member chat.MemberID, intents ...chat.Intent) chat.Case {
	b.t.Helper()
	c.Of, c.ID = c.ID, chat.CaseID(chat.Digest("part", string(c.ID), string(member), string(intents[0].Kind)))
	c.Code, c.Event.Member, c.Event.Text, c.Intents, c.Matches = c.ID.Code(), member, "", intents, nil
	b.commit(c)
	return c
}

func (b *bench) commit(c chat.Case) {
	b.t.Helper()
	if _, err := b.store.Commit(b.t.Context(), []chat.Case{c}); err != nil {
		b.t.Fatal(err)
	}
}

// claim takes everything out of the queue.
func (b *bench) claim() []actions.Item {
	b.t.Helper()
	var all []actions.Item
	for part := range b.store.Parts() {
		d, err := b.store.Depth(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if d.Entries == len(all) {
			break // Claim would wait for more
		}
		items, err := b.store.Claim(b.t.Context(), part, 100)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, items...)
	}
	return all
}

// settle ends everything that is in the queue with one answer.
func (b *bench) settle(s actions.Settlement) {
	b.t.Helper()
	for _, item := range b.claim() {
		s.Item, s.At = item, b.now
		if err := b.store.Settle(b.t.Context(), []actions.Settlement{s}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// Answers of a provider, and what comes without one.
var (
	done   = actions.Settlement{State: actions.Done, API: "delete_group_member", Code: "0", RequestID: "q1"}
	dead   = actions.Settlement{State: actions.Dead, API: "delete_group_member", Code: "10015", Text: "invalid group"}
	held   = actions.Settlement{State: actions.Held, Code: "brake", Text: "over 20 removals in 5m"}
	spared = actions.Settlement{State: actions.Spared, API: "get_role_in_group", Code: "owner"}
)

func (b *bench) shelf(s actions.Shelf) int {
	b.t.Helper()
	found, err := b.store.Letters(b.t.Context(), s, nil, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(found)
}

// is checks that an error is the request's fault, in this way.
func is(t *testing.T, err error, kind desk.Kind) {
	t.Helper()
	var fault *desk.Error
	if !errors.As(err, &fault) || fault.Kind != kind {
		t.Errorf("got the error %v, want one of kind %q", err, kind)
	}
}

// must fails the test on an error.
func must[A any](t *testing.T) func(A, error) A {
	return func(a A, err error) A {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
}
