package desk_test

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

func TestWhatARuleDidInASpanIsUndone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	start := b.now
	for i, member := range []chat.MemberID{"before", "first", "last", "after"} { // a minute apart, from 20:00
		b.now = start.Add(time.Duration(i) * time.Minute)
		b.broke(fans, member, wants(chat.Remove, "links"))
		b.settle(done)
	}
	b.now = start.Add(time.Minute)
	b.broke(fans, "other", wants(chat.Remove, "words"))
	both := b.broke(fans, "both", wants(chat.Mute, "words"), wants(chat.Remove, "links"))
	b.settle(done)
	b.now = start.Add(time.Hour)
	q := desk.UndoRequest{Rule: "links", Since: start.Add(time.Minute), Until: start.Add(3 * time.Minute)}
	out := must[desk.Undone](t)(b.Undo(t.Context(), q))
	if out.Found != 3 || out.Undone != 3 || out.Next != 0 {
		t.Errorf("undone: %+v", out)
	}
	if got, want := b.kinds(), []string{"readmit both", "readmit first", "readmit last"}; !slices.Equal(got, want) {
		t.Errorf("queued %q, want %q", got, want)
	}
	if u := b.undoings(); len(u) != 1 || u[0].Rule != "links" || !u[0].Since.Equal(q.Since) || !u[0].Until.Equal(q.Until) {
		t.Errorf("announced: %+v", u)
	}
	if again := must[desk.Undone](t)(b.Undo(t.Context(), q)); again.Undone != 0 || again.Already != 3 {
		t.Errorf("again: %+v", again)
	}
	b.settle(done)
	// What another rule wanted in the same case is left to be undone.
	b.now = b.now.Add(time.Hour)
	rest := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: both.Code}))
	if got := b.kinds(); rest.Undone != 1 || !slices.Contains(got, "unmute both") {
		t.Errorf("the rest: %+v, queued %q", rest, got)
	}
}

func TestNothingIsUndoneInAdvance(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "bob", wants(chat.Remove, "links"))
	b.now = b.now.Add(time.Minute)
	for _, until := range []time.Time{{}, b.now.Add(time.Hour)} {
		out := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Rule: "links", Since: b.now.Add(-time.Hour), Until: until}))
		if !out.Until.Equal(b.now) {
			t.Errorf("until %s: undone to %s", until, out.Until)
		}
	}
	later := chat.Action{Intent: wants(chat.Remove, "links"), Received: b.now.Add(time.Second)}
	for _, u := range b.undoings() {
		if u.Covers(&later) {
			t.Errorf("%+v covers what is decided later", u)
		}
	}
}

func TestUndoRequestsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, q := range map[string]desk.UndoRequest{
		"nothing":               {},
		"a rule without a time": {Rule: "links"},
		"a case and a rule":     {Case: "0123456789abcdef0123456789abcdef", Rule: "links", Since: b.now},
		"a case and a time":     {Case: "0123456789abcdef0123456789abcdef", Since: b.now},
		"an empty span":         {Rule: "links", Since: b.now.Add(-time.Minute), Until: b.now.Add(-time.Minute)},
		"a span to come":        {Rule: "links", Since: b.now.Add(time.Minute)},
		"a negative skip":       {Rule: "links", Since: b.now.Add(-time.Minute), Skip: -1},
	} {
		if _, err := b.Undo(t.Context(), q); err == nil {
			t.Errorf("%s is taken", name)
		} else {
			is(t, err, desk.Mistaken)
		}
	}
	_, err := b.Undo(t.Context(), desk.UndoRequest{Case: "0123456789abcdef0123456789abcdef"})
	is(t, err, desk.NotFound)
	if len(b.undoings()) != 0 {
		t.Error("something was announced")
	}
}

func TestUndoGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, member := range []chat.MemberID{"ann", "bob", "cat"} {
		b.broke(fans, member, wants(chat.Remove, "links"))
		b.now = b.now.Add(time.Second)
	}
	b.settle(done)
	q := desk.UndoRequest{Rule: "links", Since: b.now.Add(-time.Hour), Until: b.now, Skip: 1}
	out := must[desk.Undone](t)(b.Undo(t.Context(), q))
	if out.Found != 3 || out.Undone != 2 || out.Next != 0 || !slices.Equal(b.kinds(), []string{"readmit ann", "readmit bob"}) {
		t.Errorf("undone: %+v", out)
	}
}
