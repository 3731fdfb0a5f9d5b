package desk_test

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// damage stores a memo that nobody can read.
func (b *bench) damage(kind, key string) {
	b.t.Helper()
	m := chat.Memo{Kind: kind, Key: key, Version: 1, Body: []byte(`{"rule":`), Expires: b.now.Add(time.Hour)}
	if err := b.store.SaveMemo(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

func TestDamageIsShownAndDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.damage("pause", "aa")
	b.damage("undoing", "bb")
	b.brake("words", nil)
	must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links"}))
	list := must[desk.PausesList](t)(b.Pauses(t.Context()))
	if len(list.Pauses) != 2 || len(list.Damaged) != 2 {
		t.Fatalf("listed: %+v", list)
	}
	if d := list.Damaged; d[0].Kind != "pause" || d[0].Key != "aa" || d[1].Kind != "undoing" || d[1].Key != "bb" || d[0].Why == "" {
		t.Errorf("damaged: %+v", d)
	}
	for _, q := range []desk.ResumeRequest{{}, {Rule: "links"}, {All: true, Group: "@TGS#fans"}} {
		out := must[desk.Resumed](t)(b.Resume(t.Context(), q))
		if len(out.Dropped) != 0 || len(out.Damaged) != 2 {
			t.Errorf("%+v: %+v", q, out)
		}
	}
	out := must[desk.Resumed](t)(b.Resume(t.Context(), desk.ResumeRequest{All: true}))
	if len(out.Lifted) != 1 || len(out.Dropped) != 2 || len(out.Damaged) != 0 {
		t.Errorf("resumed: %+v", out)
	}
	if list := must[desk.PausesList](t)(b.Pauses(t.Context())); len(list.Pauses)+len(list.Damaged) != 0 {
		t.Errorf("left: %+v", list)
	}
}

func TestPauseTakesThePlaceOfADamagedOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := chat.Pause{Rule: "links"}
	b.damage("pause", p.Key())
	if out := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links"})); out.Already {
		t.Errorf("paused: %+v", out)
	}
	if noted := b.noted(); len(noted) != 1 || !noted[0].Covers("links", fans) {
		t.Errorf("noted: %+v", noted)
	}
}

// Whoever undoes once more must not be told that it is announced, when nobody can read that.
func TestUndoingTakesThePlaceOfADamagedOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.broke(fans, "bob", wants(chat.Remove, "links"))
	b.now = b.now.Add(time.Second)
	u := chat.Undoing{Case: c.ID}
	b.damage("undoing", u.Key())
	must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
	if u := b.undoings(); len(u) != 1 || u[0].Case != c.ID || !u[0].At.Equal(b.now) {
		t.Errorf("announced: %+v", u)
	}
}
