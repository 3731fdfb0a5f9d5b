package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// shelfStep is how many actions one transaction takes off a shelf, so that webhooks need not wait for
// a large shelf to be emptied.
const shelfStep = 100

const (
	takeLetter = "DELETE FROM letters WHERE action = ? AND shelf = ? RETURNING body"
	ownMark    = "SELECT 1 FROM marks WHERE grp = ? AND member = ? AND key = ? AND action = ? AND expires = 0"
)

// Requeue implements store.Store.
func (s *Store) Requeue(ctx context.Context, shelf actions.Shelf, of []chat.Action, released time.Time) (int, error) {
	n, err := s.take(ctx, shelf, of, func(t *tx, a chat.Action) (bool, error) {
		if !released.IsZero() {
			a.Released = released.UTC()
		}
		return t.requeue(shelf, a)
	})
	if err != nil {
		return n, fmt.Errorf("queueing %d actions of shelf %s again: %w", len(of), shelf, err)
	}
	return n, nil
}

// Discard implements store.Store.
func (s *Store) Discard(ctx context.Context, shelf actions.Shelf, of []chat.Action) (int, error) {
	n, err := s.take(ctx, shelf, of, func(t *tx, a chat.Action) (bool, error) { return true, t.discard(a) })
	if err != nil {
		return n, fmt.Errorf("dropping %d actions of shelf %s: %w", len(of), shelf, err)
	}
	return n, nil
}

// Forget implements store.Store.
func (s *Store) Forget(ctx context.Context, of []chat.Action) error {
	for some := range slices.Chunk(of, shelfStep) {
		err := s.change(ctx, len(some), func(t *tx) error {
			for _, a := range some {
				if err := t.unmark(a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("lifting the marks of %d actions: %w", len(of), err)
		}
	}
	return nil
}

// take takes actions off a shelf, hands over those that were there, and counts for how many then is
// true.
func (s *Store) take(
	ctx context.Context, shelf actions.Shelf, of []chat.Action, then func(*tx, chat.Action) (bool, error),
) (int, error) {
	if err := known(shelf); err != nil {
		return 0, err
	}
	sum := 0
	for some := range slices.Chunk(of, shelfStep) {
		n := 0
		err := s.change(ctx, 4*len(some), func(t *tx) (err error) {
			n, err = t.takeAll(shelf, some, then)
			return err
		})
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

func (t *tx) takeAll(shelf actions.Shelf, of []chat.Action, then func(*tx, chat.Action) (bool, error)) (n int, err error) {
	for i := range of {
		var body []byte
		there, err := t.get(takeLetter, []any{string(of[i].ID), string(shelf)}, &body)
		if err != nil {
			return 0, err
		}
		if !there {
			continue
		}
		a, err := store.UnmarshalAction(body)
		if err != nil {
			return 0, err
		}
		counts, err := then(t, a)
		if err != nil {
			return 0, fmt.Errorf("action %s: %w", a.ID, err)
		}
		if counts {
			n++
		}
	}
	return n, nil
}

// requeue queues an action that was just taken off a shelf, unless something is in its way that would
// keep it out if it were decided now.
func (t *tx) requeue(shelf actions.Shelf, a chat.Action) (bool, error) {
	body, err := store.MarshalAction(a)
	if err != nil {
		return false, err
	}
	key, _ := a.Dedupe()
	p := prepared{grp: groupDigest(a.Group), part: store.PartitionOf(a.Group, t.w.o.Partitions)}
	one := preparedAction{Action: a, key: key, held: store.HeldKey(a.Intent.Rule, key), body: body}
	state, move := "requeued", t.enqueue
	if shelf == actions.HeldShelf {
		state, move = "released", t.release
	}
	queued, err := move(&p, &one)
	if err != nil {
		return false, err
	}
	if !queued {
		state = "deduplicated"
	}
	return queued, t.say(a, state)
}

// release queues a held action. If it is about a member and has no mark any more, the member came back
// or the action was forgotten: it stays out. An older program left the mark of a held action under the
// key of pending ones, where it has kept all others out.
func (t *tx) release(p *prepared, a *preparedAction) (bool, error) {
	marked, err := t.change(dropMark, p.grp[:], []byte(a.Member), []byte(a.held), string(a.ID))
	if err != nil {
		return false, err
	}
	var one int
	own, err := t.get(ownMark, []any{p.grp[:], []byte(a.Member), []byte(a.key), string(a.ID)}, &one)
	switch {
	case err != nil:
		return false, err
	case own:
		return true, t.put(p.part, a.body)
	case marked == 0 && a.Member != "":
		return false, nil
	}
	return t.enqueue(p, a)
}

// discard ends an action that was just taken off a shelf.
func (t *tx) discard(a chat.Action) error {
	if err := t.unmark(a); err != nil {
		return err
	}
	return t.say(a, "dropped")
}

// unmark lifts the marks of an action, if they are this one's.
func (t *tx) unmark(a chat.Action) error {
	grp := groupDigest(a.Group)
	key, _ := a.Dedupe()
	for _, k := range []string{key, store.HeldKey(a.Intent.Rule, key)} {
		if err := t.exec(dropMark, grp[:], []byte(a.Member), []byte(k), string(a.ID)); err != nil {
			return err
		}
	}
	return nil
}

// say notes in a case what an operator made of one of its actions.
func (t *tx) say(a chat.Action, state string) error {
	return t.note(a.Case, chat.Answer{Action: a.ID, Kind: a.Intent.Kind, Member: a.Member, State: state, At: time.UnixMicro(t.now).UTC()})
}
