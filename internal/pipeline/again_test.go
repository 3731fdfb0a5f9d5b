package pipeline_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/redistest"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

const severe = `version: 1
rules:
  - id: word
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{recall: {}}, {warn: {text: "No"}}, {mute: {for: 2m}}, {remove: {}}]
`

// service is a pipeline on a real store, under a clock that the test moves, and a provider that takes
// everything.
type service struct {
	*bench
	store store.Store
	now   time.Time
}

// services returns one by these rules on each store. Redis has a clock of its own: the marks that the test's clock
// would have ended are lifted.
func services(t *testing.T, rules string) map[string]func(t *testing.T) *service {
	t.Helper()
	build := func(t *testing.T, r *service, s store.Store) *service {
		t.Helper()
		r.store = s
		r.bench = buildOn(t, rules, nil, s, func(c *pipeline.Config) { c.Now = func() time.Time { return r.now } })
		return r
	}
	begin := func() *service { return &service{now: time.Now().Truncate(time.Second)} }
	return map[string]func(t *testing.T) *service{
		"embedded": func(t *testing.T) *service {
			t.Helper()
			r := begin()
			s, err := sqlite.Open(t.TempDir(), store.Options{Partitions: 1, Now: func() time.Time { return r.now }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return build(t, r, s)
		},
		"redis": func(t *testing.T) *service {
			t.Helper()
			s, err := redis.Open(t.Context(), redistest.Start(t), 0, store.Options{Partitions: 1}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return build(t, begin(), s)
		},
	}
}

// judge hands an event in, carries out what it leads to, and returns the kinds of that in order.
func (r *service) judge(t *testing.T, e chat.Event) []chat.IntentKind {
	t.Helper()
	if _, err := r.Handle(t.Context(), []chat.Event{e}); err != nil {
		t.Fatal(err)
	}
	var kinds []chat.IntentKind
	for {
		depth, err := r.store.Depth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if depth.Entries == 0 {
			return kinds
		}
		items, err := r.store.Claim(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		settled := make([]actions.Settlement, len(items))
		for i, item := range items {
			kinds = append(kinds, item.Intent.Kind)
			settled[i] = actions.Settlement{Item: item, State: actions.Done, At: r.now}
		}
		if err := r.store.Settle(t.Context(), settled); err != nil {
			t.Fatal(err)
		}
	}
}

// pass lets time go by, and with it the marks of what was done about an event.
func (r *service) pass(t *testing.T, d time.Duration, e *chat.Event) {
	t.Helper()
	r.now = r.now.Add(d)
	if _, own := r.store.(*sqlite.Store); own {
		return
	}
	var over []chat.Action
	for kind, keep := range map[chat.IntentKind]time.Duration{chat.Remove: chat.DedupeFor, chat.Warn: chat.DedupeFor, chat.Mute: 2 * time.Minute} {
		a := chat.Action{Group: e.Group, Topic: e.Topic, Member: e.Member, Intent: chat.Intent{Kind: kind, Rule: "word"}}
		if c := chat.NewCaseID(e.Group, e.ID, e.Text); d >= keep {
			a.ID = chat.ActionID(chat.Digest("action", string(c), "word", string(kind), string(e.Member)))
			over = append(over, a)
		}
	}
	if err := r.store.Forget(t.Context(), over); err != nil {
		t.Fatal(err)
	}
}

// An event may be judged, and be accepted as well to be judged later, as when the reply of the store was
// lost. By then, what was done about it may be forgotten, and the member may be back.
func TestAnEventThatIsJudgedTwiceActsOnce(t *testing.T) {
	all := []chat.IntentKind{chat.Recall, chat.Warn, chat.Mute, chat.Remove}
	for name, start := range services(t, severe) {
		for _, late := range []time.Duration{5 * time.Minute, 15 * time.Minute, 3 * time.Hour} {
			t.Run(name+" "+late.String(), func(t *testing.T) {
				r := start(t)
				sent := say("1", "bob", "casino")
				sent.At, sent.Received, sent.Message = r.now.Add(-time.Second), r.now, "77"
				if got := r.judge(t, sent); !slices.Equal(got, all) {
					t.Fatalf("at first: %v", got)
				}
				r.pass(t, late, &sent)
				if got := r.judge(t, sent); len(got) > 0 {
					t.Errorf("judged again: %v", got)
				}
			})
			t.Run(name+" asked before "+late.String(), func(t *testing.T) {
				r := start(t)
				sent := say("1", "bob", "casino")
				sent.At, sent.Received = r.now.Add(-time.Second), r.now
				before := sent
				before.Asked = true
				if got := r.judge(t, before); !slices.Equal(got, all[1:]) {
					t.Fatalf("at first: %v", got)
				}
				r.pass(t, late, &sent)
				sent.Message = "77" // it has a name now to be taken back by
				for _, want := range [][]chat.IntentKind{{chat.Recall}, nil} {
					if got := r.judge(t, sent); !slices.Equal(got, want) {
						t.Errorf("judged again: %v, want %v", got, want)
					}
				}
			})
			t.Run(name+" first judged after "+late.String(), func(t *testing.T) {
				r := start(t)
				sent := say("1", "bob", "casino")
				sent.At, sent.Received, sent.Message = r.now.Add(-time.Second), r.now, "77"
				r.now = r.now.Add(late)
				got := r.judge(t, sent)
				if !slices.Contains(got, chat.Remove) || !slices.Contains(got, chat.Warn) || !slices.Contains(got, chat.Recall) {
					t.Errorf("at first: %v", got)
				}
				if again := r.judge(t, sent); len(again) > 0 {
					t.Errorf("judged again: %v", again)
				}
			})
		}
	}
}
