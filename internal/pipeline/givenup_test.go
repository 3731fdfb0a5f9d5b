package pipeline_test

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
)

// The removal is refused for good between the webhook that asks about a message and the one that tells that
// it was sent: that is one dead letter.
func TestWhatIsGivenUpBetweenTheTwoWebhooksIsNotWantedAgain(t *testing.T) {
	for name, start := range services(t, twice) {
		for _, known := range []bool{true, false} { // when the member joined is known to the first webhook
			t.Run(name, func(t *testing.T) {
				r := start(t)
				cfg := func(c *pipeline.Config) { c.Now = func() time.Time { return r.now } }
				kept := func(c *pipeline.Config) { c.Kept = r.store.Record }
				r.bench = buildOn(t, twice, nil, r.store, cfg, kept)
				after := say("1", "bob", "win.example.net")
				after.At, after.Received = r.now.Add(-time.Second), r.now
				before := after
				before.Asked = true
				after.JoinedAt = after.At.Add(-time.Minute)
				if known {
					before.JoinedAt = after.JoinedAt
				}
				total := 0
				for _, e := range []chat.Event{before, after, after} {
					if _, err := r.Handle(t.Context(), []chat.Event{e}); err != nil {
						t.Fatal(err)
					}
					if d, err := r.store.Depth(t.Context()); err != nil || d.Entries == 0 {
						continue
					}
					items, err := r.store.Claim(t.Context(), 0, 10)
					if err != nil {
						t.Fatal(err)
					}
					total += len(items)
					for _, it := range items {
						if err := r.store.Settle(t.Context(), []actions.Settlement{{Item: it, State: actions.Dead, Code: "10007", At: r.now}}); err != nil {
							t.Fatal(err)
						}
					}
				}
				letters, err := r.store.Letters(t.Context(), actions.DeadShelf, nil, 10)
				if err != nil || len(letters) != 1 || total != 1 {
					t.Errorf("known %v: %d actions, %d dead letters (%v), want one", known, total, len(letters), err)
				}
			})
		}
	}
}
