package desk_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestDeskOnRedis goes once through what a desk does, on the store of several replicas.
func TestDeskOnRedis(t *testing.T) {
	t.Parallel()
	s, err := redis.Open(t.Context(), redistest.Start(t), 0, store.Options{Partitions: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := desk.New(desk.Config{Store: s, Now: time.Now})
	since := time.Now().Add(-time.Minute)
	settle := func(answer actions.Settlement) actions.Item {
		t.Helper()
		for {
			items := must[[]actions.Item](t)(s.Claim(t.Context(), 0, 1))
			if len(items) == 0 {
				continue
			}
			answer.Item, answer.At = items[0], time.Now()
			if err := s.Settle(t.Context(), []actions.Settlement{answer}); err != nil {
				t.Fatal(err)
			}
			return items[0]
		}
	}
	for member, answer := range map[chat.MemberID]actions.Settlement{"ann": done, "bob": held, "cat": dead} {
		id := chat.CaseID(chat.Digest("sample", string(member)))
		c := chat.Case{
			ID: id, Code: id.Code(), Intents: []chat.Intent{wants(chat.Remove, "links")}, Matches: []chat.Match{{Rule: "links", Mode: "enforce"}},
			Event: chat.Event{At: time.Now().Add(-time.Second), Received: time.Now(), Group: fans, GroupType: chat.Public, Kind: chat.Message, Member: member},
		}
		if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
			t.Fatal(err)
		}
		settle(answer)
	}
	must[desk.Paused](t)(d.Pause(t.Context(), desk.PauseRequest{Rule: "links"}))
	if out := must[desk.Resumed](t)(d.Resume(t.Context(), desk.ResumeRequest{Rule: "links"})); len(out.Lifted) != 1 || out.Held != 1 {
		t.Errorf("resumed: %+v", out)
	}
	if list := must[desk.CasesList](t)(d.Cases(t.Context(), desk.CasesRequest{Outcome: "held"})); members(list) != "bob" {
		t.Errorf("held: %q", members(list))
	}
	q := desk.UndoRequest{Rule: "links", Since: since, Preview: true}
	plan := must[desk.Undone](t)(d.Undo(t.Context(), q))
	if plan.Found != 3 || plan.Steps[desk.StepAdd] != 2 || plan.Steps[desk.StepDrop] != 1 || plan.Already != 0 {
		t.Errorf("preview: %+v", plan)
	}
	q.Preview, q.Until = false, plan.Until
	if out := must[desk.Undone](t)(d.Undo(t.Context(), q)); out.Undone != 3 || out.Dropped != 2 {
		t.Errorf("undone: %+v", out)
	}
	if out := must[desk.Undone](t)(d.Undo(t.Context(), q)); out.Undone != 0 || out.Already != 3 || out.Dropped != 0 {
		t.Errorf("again: %+v", out)
	}
	for range 2 {
		if item := settle(done); item.Intent.Kind != chat.Readmit {
			t.Errorf("carried out: %+v", item.Action)
		}
	}
	list := must[desk.CasesList](t)(d.Cases(t.Context(), desk.CasesRequest{Member: "ann", Outcome: "done"}))
	if len(list.Cases) != 2 || list.Cases[0].Outcome != "readmit done" || !list.Cases[0].Undoes {
		t.Errorf("ann: %+v", list)
	}
}
