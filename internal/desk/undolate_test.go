package desk_test

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// An event that waited on disk is decided about long after it arrived. What the preview and the report
// say, and what the service then leaves undone, is the same.
func TestASpanIsAboutWhenACaseWasDecided(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		since, until time.Duration // after the event arrived
		want         bool
	}{
		"since before it was decided":  {110 * time.Minute, 3 * time.Hour, true},
		"since the moment":             {2 * time.Hour, 3 * time.Hour, true},
		"since after it was decided":   {121 * time.Minute, 3 * time.Hour, false},
		"until the moment":             {-time.Minute, 2 * time.Hour, false},
		"when the event had arrived":   {-time.Minute, time.Minute, false},
		"from arrival to the decision": {-time.Minute, 121 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			arrived := b.now
			b.now = arrived.Add(2 * time.Hour)
			id := chat.NewCaseID(fans, "e")
			b.commit(chat.Case{
				ID: id, Code: id.Code(), Intents: []chat.Intent{wants(chat.Remove, "links")}, Decided: b.now,
				Matches: []chat.Match{{Rule: "links", Mode: "enforce"}},
				Event: chat.Event{
					At: arrived.Add(-time.Second), Received: arrived, Group: fans, GroupType: chat.Public, ID: "e", Kind: chat.Message, Member: "bob",
				},
			})
			b.now = arrived.Add(4 * time.Hour)
			q := desk.UndoRequest{Rule: "links", Since: arrived.Add(tt.since), Until: arrived.Add(tt.until), Preview: true}
			found := 0
			if tt.want {
				found = 1
			}
			preview := must[desk.Undone](t)(b.Undo(t.Context(), q))
			if preview.Found != found || preview.Steps[desk.StepVoid] != found {
				t.Errorf("preview: %+v", preview)
			}
			q.Preview = false
			report := must[desk.Undone](t)(b.Undo(t.Context(), q))
			if report.Found != found || report.Undone != found || report.Steps[desk.StepVoid] != found {
				t.Errorf("report: %+v", report)
			}
			u := b.undoings()
			for _, item := range b.claim() {
				if item.Intent.Kind == chat.Remove && u[0].Covers(&item.Action) != tt.want {
					t.Errorf("the removal is covered: %v, want %v", !tt.want, tt.want)
				}
			}
		})
	}
}

// A case whose reply was slow is stored after it was decided. In between, a span may begin.
func TestACaseThatWasStoredInTheSpanOnlyIsLeftOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := chat.NewCaseID(fans, "e")
	b.commit(chat.Case{
		ID: id, Code: id.Code(), Intents: []chat.Intent{wants(chat.Remove, "links")}, Decided: b.now.Add(-time.Second),
		Matches: []chat.Match{{Rule: "links", Mode: "enforce"}}, Event: chat.Event{At: b.now, Received: b.now, Group: fans, Member: "bob"},
	})
	q := desk.UndoRequest{Rule: "links", Since: b.now}
	b.now = b.now.Add(time.Minute)
	out := must[desk.Undone](t)(b.Undo(t.Context(), q))
	if u := b.undoings(); out.Found != 0 || len(u) != 1 || u[0].Covers(&b.claim()[0].Action) {
		t.Errorf("undone: %+v, announced %+v", out, u)
	}
}
