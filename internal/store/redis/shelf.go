package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	// maxMoved is how many actions one script call takes off a shelf, or forgets.
	maxMoved = 128
	// keepMoved is how long it is known what such a call did: as long as it may be repeated.
	keepMoved = time.Minute
)

// What is done with letters, as unshelve.lua calls it, and what the audit calls it.
const (
	toQueue = "requeue"
	forGood = "discard"

	released = "released" // off the shelf of held letters, into the queue
	requeued = "requeued" // off the shelf of dead letters, into the queue
	dropped  = "dropped"  // off a shelf, for good
)

// Requeue implements store.Store.
func (s *Store) Requeue(ctx context.Context, shelf actions.Shelf, of []chat.Action, at time.Time) (int, error) {
	return s.unshelve(ctx, shelf, of, func(part int, found []chat.Action) (int, error) {
		state := requeued
		if shelf == actions.HeldShelf {
			state = released
		}
		for i := range found {
			if !at.IsZero() {
				found[i].Released = at.UTC()
			}
		}
		return s.takeOff(ctx, part, shelf, toQueue, state, found)
	})
}

// Discard implements store.Store.
func (s *Store) Discard(ctx context.Context, shelf actions.Shelf, of []chat.Action) (int, error) {
	return s.unshelve(ctx, shelf, of, func(part int, found []chat.Action) (int, error) {
		return s.takeOff(ctx, part, shelf, forGood, dropped, found)
	})
}

// unshelve hands the letters of actions on, some of one partition at a time. What is done with an
// action is done with what lies on the shelf under its ID, whatever else the caller says of it.
func (s *Store) unshelve(
	ctx context.Context, shelf actions.Shelf, of []chat.Action, do func(part int, found []chat.Action) (int, error),
) (int, error) {
	kinds, err := kindsOf(shelf)
	if err != nil {
		return 0, err
	}
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	var total atomic.Int64
	err = eachPart(s.byPart(of), func(part int, all []chat.Action) error {
		for len(all) > 0 {
			n := min(len(all), maxMoved)
			refs := make([]ref, n)
			for i := range refs {
				refs[i] = ref{part: part, name: letterName(all[i].ID)}
			}
			letters, err := s.readLetters(ctx, kinds.letters, refs)
			if err != nil {
				return s.wrap(err, "read %s letters of partition %d", shelf, part)
			}
			found := make([]chat.Action, len(letters))
			for i := range letters {
				found[i] = letters[i].Action
			}
			done, err := do(part, found)
			total.Add(int64(done))
			if err != nil {
				return err
			}
			all = all[n:]
		}
		return nil
	})
	return int(total.Load()), err
}

// byPart sorts actions by partition, each once. Of a queue entry that could not be read nobody knows
// the group: its letter is in the partition where the entry was.
func (s *Store) byPart(of []chat.Action) map[int][]chat.Action {
	parts, seen := map[int][]chat.Action{}, make(map[chat.ActionID]bool, len(of))
	for _, a := range of {
		if seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		if a.Group != (chat.Group{}) {
			part := store.PartitionOf(a.Group, s.o.Partitions)
			parts[part] = append(parts[part], a)
			continue
		}
		for part := range s.o.Partitions {
			parts[part] = append(parts[part], a)
		}
	}
	return parts
}

// takeOff runs unshelve.lua. What cannot be carried out, because nobody can read it, is not queued.
func (s *Store) takeOff(
	ctx context.Context, part int, shelf actions.Shelf, what, state string, of []chat.Action,
) (int, error) {
	kinds, err := kindsOf(shelf)
	if err != nil {
		return 0, err
	}
	keys := []string{
		partKey(part, kindQueue), partKey(part, kinds.letters), partKey(part, kinds.age), partKey(part, kindMoved, rand.Text()),
	}
	args := []any{what, store.MaxAnswers, millis(store.KeepPending), millis(keepMoved), millis(keepHeld), string(shelf)}
	now, n := s.o.Now().UTC(), 0
	for _, a := range of {
		if what == toQueue && a.Group == (chat.Group{}) {
			continue
		}
		body, err := store.MarshalAction(a)
		if err != nil {
			return 0, err
		}
		answer := chat.Answer{Action: a.ID, Kind: a.Intent.Kind, Member: a.Member, State: state, At: now}
		taken, err := json.Marshal(answer)
		if err != nil {
			return 0, fmt.Errorf("encode an answer of action %s: %w", a.ID, err)
		}
		answer.State = deduplicated
		inTheWay, err := json.Marshal(answer)
		if err != nil {
			return 0, fmt.Errorf("encode an answer of action %s: %w", a.ID, err)
		}
		dedupe, _ := a.Dedupe()
		keys = append(keys, marksKey(part, a.Group, a.Member), recordKey(part, a.Case))
		args = append(args, letterName(a.ID), markField(dedupe), heldField(a.Intent.Rule, dedupe), markName(a.ID),
			a.EventAt.UnixMicro(), store.DoneBefore(a), body, taken, inTheWay)
		n++
	}
	if n == 0 && s.replicas == 0 { // what an earlier call did must be vouched for
		return 0, nil
	}
	moved, err := s.runDurably(ctx, s.scripts.unshelve, partKey(part, kindVouch), keys, args).Int()
	return moved, s.wrap(err, "%s %d %s letters of partition %d", what, n, shelf, part)
}

// Forget implements store.Store.
func (s *Store) Forget(ctx context.Context, of []chat.Action) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return eachPart(s.byPart(of), func(part int, all []chat.Action) error {
		for len(all) > 0 {
			n := min(len(all), maxMoved)
			var keys []string
			var args []any
			for _, a := range all[:n] {
				dedupe, _ := a.Dedupe()
				keys = append(keys, marksKey(part, a.Group, a.Member))
				args = append(args, markField(dedupe), heldField(a.Intent.Rule, dedupe), markName(a.ID))
			}
			if err := s.run(ctx, s.scripts.forget, keys, args...).Err(); err != nil {
				return s.wrap(err, "forget %d actions of partition %d", n, part)
			}
			all = all[n:]
		}
		return nil
	})
}
