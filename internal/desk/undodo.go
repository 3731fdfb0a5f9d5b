package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// Undo takes back what was decided, or says what that would do. It does the newest cases first, a
// bounded number in one request, and may be repeated: what is undone is not undone again.
//
// From the moment that the memo is stored, no action of these cases is begun. Then what was done is
// taken back: by cases of their own, which the service carries out after whatever was on its way.
func (d *Desk) Undo(ctx context.Context, q UndoRequest) (Undone, error) {
	now := d.c.Now().UTC()
	if err := q.check(now); err != nil {
		return Undone{}, err
	}
	memo := chat.Undoing{At: now}
	out := Undone{Preview: q.Preview, Steps: map[Step]int{}, Cases: []UndoCase{}, Invite: []Invite{}}
	var list []undoing
	var err error
	if q.Case != "" {
		list, memo.Case, err = d.undoingCase(ctx, q, &out)
	} else {
		memo.Rule, memo.Since, memo.Until = q.Rule, q.Since.UTC(), q.until(now).UTC()
		out.Rule, out.Since, out.Until = memo.Rule, memo.Since, memo.Until
		list, err = d.undoingRule(ctx, q, &out)
	}
	if err != nil {
		return Undone{}, err
	}
	if !q.Preview {
		if err := d.announce(ctx, &memo); err != nil {
			return Undone{}, err
		}
	}
	shelved, err := d.shelved(ctx, list)
	if err != nil {
		return Undone{}, err
	}
	if end := q.Skip + len(list); end < out.Found {
		out.Next = end
	}
	for i := range list {
		list[i].look(shelved.is)
	}
	var before []bool
	if q.Preview {
		before, err = d.already(ctx, list)
	} else {
		before, err = d.carryOut(ctx, list, shelved, now, &out)
	}
	out.tell(list, shelved, before)
	return out, err
}

// undoingCase returns one case and its parts.
func (d *Desk) undoingCase(ctx context.Context, q UndoRequest, out *Undone) ([]undoing, chat.CaseID, error) {
	r, err := d.find(ctx, q.Case)
	if err != nil {
		return nil, "", err
	}
	head, ok := newUndoing(&r, "")
	if !ok {
		return nil, "", &Error{Refused, fmt.Sprintf("case %s takes back what case %s did: that cannot be undone", r.Case.Code, r.Case.Of.Code())}
	}
	g := gathering{skip: q.Skip}
	g.take(head)
	_, err = d.c.Store.Cases(ctx, store.Query{Of: r.Case.ID, Most: 1}, func(r *chat.Record) bool {
		if u, ok := newUndoing(r, ""); ok {
			g.take(u)
		}
		return false
	})
	if err != nil {
		return nil, "", fmt.Errorf("looking up the parts of case %s: %w", r.Case.ID, err)
	}
	out.Found = g.found
	return g.list, r.Case.ID, nil
}

// undoingRule returns the cases in which a rule wanted something, by when they were decided: exactly those
// whose actions the memo covers. Cases of versions before go by when they were stored.
func (d *Desk) undoingRule(ctx context.Context, q UndoRequest, out *Undone) ([]undoing, error) {
	g, span := gathering{skip: q.Skip}, chat.Undoing{Since: out.Since, Until: out.Until}
	_, err := d.c.Store.Cases(ctx, store.Query{Since: out.Since, Until: out.Until, Most: 1}, func(r *chat.Record) bool {
		if at := r.Case.Decided; concerns(&r.Case, q.Rule) && (at.IsZero() || span.During(at)) {
			if u, ok := newUndoing(r, q.Rule); ok {
				g.take(u)
			}
		}
		return false
	})
	if err != nil {
		return nil, fmt.Errorf("looking up the cases of rule %q: %w", q.Rule, err)
	}
	out.Found = g.found
	return g.list, nil
}

// gathering takes what one request deals with out of all cases, newest first.
type gathering struct {
	skip, found int
	list        []undoing
}

func (g *gathering) take(u undoing) {
	if g.found++; g.found > g.skip && len(g.list) < undoAtOnce {
		g.list = append(g.list, u)
	}
}

// announce stores the memo that keeps what is not carried out yet from being carried out.
func (d *Desk) announce(ctx context.Context, u *chat.Undoing) error {
	body, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("encoding an undoing: %w", err)
	}
	m := chat.Memo{Kind: chat.MemoUndoing, Key: u.Key(), Version: 1, Body: body, Expires: u.At.Add(undoLasts)}
	for range tries {
		if err = d.c.Store.SaveMemo(ctx, m); err == nil || !errors.Is(err, store.ErrStale) {
			break
		}
		bad, failed := d.damage(ctx)
		if failed != nil {
			return failed
		}
		i := slices.IndexFunc(bad, func(b Damage) bool { return b.Kind == m.Kind && b.Key == m.Key })
		if i < 0 {
			return nil // it is there already, and can be read
		}
		m.Version = bad[i].version + 1
	}
	if err != nil {
		return fmt.Errorf("announcing the undoing: %w", err)
	}
	return nil
}

// letters are the actions that lie on the shelves.
type letters struct {
	of map[actions.Shelf][]chat.Action
	is map[chat.ActionID]bool
}

// shelved returns those actions of the cases that lie on a shelf.
func (d *Desk) shelved(ctx context.Context, list []undoing) (letters, error) {
	out := letters{map[actions.Shelf][]chat.Action{}, map[chat.ActionID]bool{}}
	wanted := map[chat.ActionID]bool{}
	for i := range list {
		for j := range list[i].actions {
			wanted[list[i].actions[j].ID] = true
		}
	}
	if len(wanted) == 0 {
		return out, nil
	}
	for _, shelf := range []actions.Shelf{actions.HeldShelf, actions.DeadShelf} {
		found, err := d.c.Store.Letters(ctx, shelf, func(l *actions.Letter) bool { return wanted[l.Action.ID] }, undoLetter)
		if err != nil {
			return out, fmt.Errorf("reading %s letters: %w", shelf, err)
		}
		for i := range found {
			out.of[shelf] = append(out.of[shelf], found[i].Action)
			out.is[found[i].Action.ID] = true
		}
	}
	return out, nil
}

// tell writes down what is done about each case. Those that were undone before are listed, and
// counted apart; before may be shorter than the list when not all was done.
func (u *Undone) tell(list []undoing, shelved letters, before []bool) {
	for i := range before {
		c := &list[i]
		steps := c.steps(shelved.is)
		if before[i] {
			u.Already++
		} else {
			for _, s := range steps {
				u.Steps[s]++
			}
		}
		if len(u.Cases) < undoShown {
			u.Cases = append(u.Cases, UndoCase{Row: c.row, Steps: steps, Already: before[i]})
		}
		if person, by := c.invite(); by {
			if u.Invites++; len(u.Invite) < undoInvite {
				u.Invite = append(u.Invite, person)
			}
		}
	}
}

// already tells which cases were undone before.
func (d *Desk) already(ctx context.Context, list []undoing) ([]bool, error) {
	before := make([]bool, len(list))
	for i := range list {
		_, known, err := d.c.Store.Record(ctx, list[i].id())
		if err != nil {
			return nil, fmt.Errorf("looking up the undoing of case %s: %w", list[i].row.ID, err)
		}
		before[i] = known
	}
	return before, nil
}

// carryOut drops letters, lifts marks and stores the cases that undo. It tells which cases were undone
// before.
func (d *Desk) carryOut(ctx context.Context, list []undoing, shelved letters, now time.Time, out *Undone) (before []bool, err error) {
	for shelf, of := range shelved.of {
		for chunk := range slices.Chunk(of, moveAtOnce) {
			n, err := d.c.Store.Discard(ctx, shelf, chunk)
			if err != nil {
				return nil, fmt.Errorf("dropping %s letters: %w", shelf, err)
			}
			out.Dropped += n
		}
	}
	for chunk := range slices.Chunk(list, undoBatch) {
		var marks []chat.Action
		cases := make([]chat.Case, len(chunk))
		for i := range chunk {
			cases[i] = chunk[i].undo(now)
			for j := range chunk[i].actions {
				marks = append(marks, chunk[i].actions[j].Action)
			}
		}
		if err := d.c.Store.Forget(ctx, marks); err != nil {
			return before, fmt.Errorf("lifting the marks of what is undone: %w", err)
		}
		committed, err := d.c.Store.Commit(ctx, cases)
		if err != nil {
			return before, fmt.Errorf("storing what undoes %d cases: %w", len(cases), err)
		}
		for i := range committed {
			before = append(before, committed[i].Known)
			if !committed[i].Known {
				out.Undone++
			}
		}
	}
	return before, nil
}
