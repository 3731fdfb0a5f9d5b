package desk_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

func TestLettersAreSelected(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ann := b.broke(fans, "ann", wants(chat.Remove, "links"))
	part := b.partOf(ann, "zoe", wants(chat.Remove, "links"))
	b.broke(live, "bob", wants(chat.Remove, "words"))
	b.settle(dead)
	b.now = b.now.Add(time.Minute)
	b.broke(whats, "1555", wants(chat.Remove, "links"))
	b.settle(dead)
	for name, tt := range map[string]struct {
		s    desk.Selection
		want int
	}{
		"nothing given":             {desk.Selection{}, 4},
		"a code, and its parts":     {desk.Selection{IDs: []string{ann.Code}}, 2},
		"a code as somebody types":  {desk.Selection{IDs: []string{ann.Code[:4] + "-" + ann.Code[4:]}}, 2},
		"the code of a part":        {desk.Selection{IDs: []string{part.Code}}, 1},
		"the ID of a case":          {desk.Selection{IDs: []string{string(ann.ID)}}, 2},
		"the ID of an action":       {desk.Selection{IDs: []string{string(ann.Actions()[0].ID)}}, 1},
		"an ID that nothing has":    {desk.Selection{IDs: []string{chat.Digest("x")}}, 0},
		"a rule":                    {desk.Selection{Rule: "links"}, 3},
		"a group":                   {desk.Selection{Group: "tencent:@TGS#live"}, 1},
		"a member":                  {desk.Selection{Member: "+1555"}, 1},
		"all of what is given":      {desk.Selection{Rule: "links", Group: "@TGS#fans", Member: "zoe"}, 1},
		"put there before a moment": {desk.Selection{Before: b.now.Add(-time.Second)}, 3},
	} {
		list := must[desk.LettersList](t)(b.Letters(t.Context(), actions.DeadShelf, desk.LettersRequest{Selection: tt.s}))
		if len(list.Letters) != tt.want {
			t.Errorf("%s: %d letters, want %d", name, len(list.Letters), tt.want)
		}
	}
	list := must[desk.LettersList](t)(b.Letters(t.Context(), actions.DeadShelf, desk.LettersRequest{Limit: 1}))
	if l := list.Letters[0]; !list.More || l.Member != "1555" || l.Why != "10015" || l.Text != "invalid group" {
		t.Errorf("the newest is %+v", list)
	}
}

func TestNothingSelectedIsAMistake(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "ann", wants(chat.Remove, "links"))
	b.settle(dead)
	many := make([]string, 501)
	for i := range many {
		many[i] = chat.Digest(strconv.Itoa(i))
	}
	for _, s := range []desk.Selection{{}, {Before: b.now}, {All: true, Rule: "links"}, {IDs: []string{"no such thing"}}, {IDs: many}} {
		_, err := b.Drop(t.Context(), actions.DeadShelf, s)
		is(t, err, desk.Mistaken)
		_, err = b.Requeue(t.Context(), actions.DeadShelf, s)
		is(t, err, desk.Mistaken)
	}
	if n := b.shelf(actions.DeadShelf); n != 1 {
		t.Errorf("%d letters are left, want 1", n)
	}
}

func TestDeadLettersAreTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "ann", wants(chat.Remove, "links"))
	b.broke(fans, "bob", wants(chat.Remove, "words"))
	b.settle(dead)
	m := must[desk.Moved](t)(b.Requeue(t.Context(), actions.DeadShelf, desk.Selection{Rule: "links"}))
	if m.Letters != 1 || m.Done != 1 || m.More || m.Before.IsZero() {
		t.Errorf("moved %+v", m)
	}
	items := b.claim()
	if len(items) != 1 || items[0].Member != "ann" || !items[0].Released.IsZero() {
		t.Errorf("queued: %+v", items)
	}
	if got := must[desk.CasesList](t)(b.Cases(t.Context(), desk.CasesRequest{Member: "ann"})).Cases[0].Outcome; got != "remove pending" {
		t.Errorf("outcome %q", got)
	}
	m = must[desk.Moved](t)(b.Drop(t.Context(), actions.DeadShelf, desk.Selection{All: true}))
	if m.Done != 1 || b.shelf(actions.DeadShelf) != 0 {
		t.Errorf("dropped %+v", m)
	}
	if got := must[desk.CasesList](t)(b.Cases(t.Context(), desk.CasesRequest{Member: "bob"})).Cases[0].Outcome; got != "remove dropped" {
		t.Errorf("outcome %q", got)
	}
}

func TestReleasedActionsGoPastPauses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "ann", wants(chat.Remove, "links"))
	b.broke(fans, "bob", wants(chat.Remove, "links"))
	b.settle(held)
	b.now = b.now.Add(time.Hour)
	m := must[desk.Moved](t)(b.Requeue(t.Context(), actions.HeldShelf, desk.Selection{Member: "bob"}))
	if m.Done != 1 || b.shelf(actions.HeldShelf) != 1 {
		t.Errorf("released %+v", m)
	}
	if items := b.claim(); len(items) != 1 || !items[0].Released.Equal(b.now) {
		t.Errorf("queued: %+v", items)
	}
}

// What comes back to the shelf while it is emptied must not go round for ever.
func TestWhatComesBackIsLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "ann", wants(chat.Remove, "links"))
	b.settle(dead)
	first := must[desk.Moved](t)(b.Requeue(t.Context(), actions.DeadShelf, desk.Selection{All: true}))
	b.now = b.now.Add(time.Second)
	b.settle(dead)
	again := must[desk.Moved](t)(b.Requeue(t.Context(), actions.DeadShelf, desk.Selection{All: true, Before: first.Before}))
	if again.Letters != 0 || b.shelf(actions.DeadShelf) != 1 {
		t.Errorf("moved again: %+v", again)
	}
}
