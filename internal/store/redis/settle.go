package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	// freedIdle is the idle time that a freed entry is given: longer than any lease.
	freedIdle = 365 * 24 * time.Hour
	// maxLetters is how many letters a shelf of a partition keeps: the newest. An older one that goes
	// is an accepted action of which no trace is left in the queue, so the bound is far above what an
	// operator lets pile up (about 100 MB of Redis in a partition), and going past it is logged as an
	// error.
	maxLetters = 100_000
	// maxSettled is how many outcomes one script call stores.
	maxSettled = 128
)

// Renew implements actions.Queue.
func (s *Store) Renew(ctx context.Context, tokens []actions.Token) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	parts := map[int][]any{}
	for _, t := range tokens {
		if parts[t.Part] == nil {
			parts[t.Part] = []any{consumers, s.consumer}
		}
		parts[t.Part] = append(parts[t.Part], t.Entry, t.Fence)
	}
	return eachPart(parts, func(part int, args []any) error {
		err := s.run(ctx, s.scripts.renew, []string{partKey(part, kindQueue)}, args...).Err()
		return s.wrap(err, "renew claims of partition %d", part)
	})
}

// Settle implements actions.Queue.
func (s *Store) Settle(ctx context.Context, all []actions.Settlement) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	parts := map[int][]actions.Settlement{}
	for _, one := range all {
		parts[one.Item.Token.Part] = append(parts[one.Item.Token.Part], one)
	}
	return eachPart(parts, func(part int, of []actions.Settlement) error {
		for len(of) > 0 {
			n := min(len(of), maxSettled)
			if err := s.settlePart(ctx, part, of[:n]); err != nil {
				return err
			}
			of = of[n:]
		}
		return nil
	})
}

func (s *Store) settlePart(ctx context.Context, part int, of []actions.Settlement) error {
	keys := []string{
		partKey(part, kindQueue), partKey(part, kindAttempts), partKey(part, kindDead), partKey(part, kindDeadAge),
		partKey(part, kindHeld), partKey(part, kindHeldAge),
	}
	args := []any{
		consumers, s.consumer, millis(freedIdle), store.MaxAnswers, maxLetters, rand.Text(), marksPrefix(part), millis(keepHeld),
	}
	for i := range of {
		one := &of[i]
		what, err := verdictOf(one.State)
		if err != nil {
			return fmt.Errorf("settle action %s: %w", one.Item.ID, err)
		}
		answer, letter, err := encodeOutcome(one)
		if err != nil {
			return fmt.Errorf("settle action %s: %w", one.Item.ID, err)
		}
		a := &one.Item.Action
		dedupe, keep := a.Dedupe()
		keys = append(keys, marksKey(part, a.Group, a.Member), recordKey(part, a.Case))
		args = append(args, one.Item.Token.Entry, one.Item.Token.Fence, what,
			markField(dedupe), heldField(a.Intent.Rule, dedupe), markName(a.ID), millis(keep), s.doneAt(one).UnixMicro(),
			answer, letter, letterName(a.ID))
	}
	dropped, err := s.run(ctx, s.scripts.settle, keys, args...).Int64Slice()
	if err == nil && len(dropped) != len(s.losses) {
		err = fmt.Errorf("%w: %d numbers of dropped letters", store.ErrDamaged, len(dropped))
	}
	if err != nil {
		return s.wrap(err, "settle %d actions of partition %d", len(of), part)
	}
	for i, n := range dropped {
		s.losses[i].add(ctx, part, int(n))
	}
	return nil
}

func (s *Store) doneAt(one *actions.Settlement) time.Time {
	if one.At.IsZero() {
		return s.o.Now()
	}
	return one.At
}

// verdictOf says what settle.lua does with an entry of this state.
func verdictOf(state actions.State) (string, error) {
	switch state {
	case actions.Done, actions.Spared:
		return "end", nil
	case actions.DryRun, actions.Void:
		return "clear", nil // nothing was done, so nothing may keep the next action out
	case actions.Dead:
		return "dead", nil
	case actions.Held:
		return "held", nil
	case actions.Retry:
		return "retry", nil
	case actions.Free:
		return "free", nil
	}
	return "", fmt.Errorf("unknown state %q", state)
}

// encodeOutcome returns what the audit keeps of an outcome, and the letter that it may be.
// Nothing was tried for an action that is given back, so it has no answer.
func encodeOutcome(one *actions.Settlement) (answer, letter []byte, err error) {
	a := one.Item.Action
	if one.State != actions.Free {
		answer, err = json.Marshal(chat.Answer{
			Action: a.ID, Kind: a.Intent.Kind, Member: a.Member, State: string(one.State), API: one.API,
			Code: one.Code, Text: one.Text, RequestID: one.RequestID, At: one.At.UTC(),
		})
		if err != nil {
			return nil, nil, fmt.Errorf("encode its answer: %w", err)
		}
	}
	if one.State == actions.Dead || one.State == actions.Held {
		if letter, err = encodeLetter(one); err != nil {
			return nil, nil, err
		}
	}
	return answer, letter, nil
}
