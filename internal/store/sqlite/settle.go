package sqlite

import (
	"context"
	"fmt"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	ownEntry  = "SELECT 1 FROM queue WHERE seq = ? AND part = ? AND fence = ?"
	dropEntry = "DELETE FROM queue WHERE seq = ?"
	freeEntry = "UPDATE queue SET lease = 0, fence = fence + 1 WHERE seq = ?"
	countTry  = "UPDATE queue SET attempts = attempts + 1 WHERE seq = ?"
	putLetter = `INSERT OR REPLACE INTO letters (shelf, action, at, attempts, code, text, body)
		SELECT ?, ?, ?, attempts, ?, ?, body FROM queue WHERE seq = ?`
	expireMark = "UPDATE marks SET expires = ?, done = ? WHERE grp = ? AND member = ? AND key = ? AND action = ?"
	holdMark   = "UPDATE OR REPLACE marks SET key = ? WHERE grp = ? AND member = ? AND key = ? AND action = ? AND expires = 0"
	dropMark   = "DELETE FROM marks WHERE grp = ? AND member = ? AND key = ? AND action = ?"
	caseSeq    = "SELECT seq FROM cases WHERE id = ?"
)

// Settle implements actions.Queue.
func (s *Store) Settle(ctx context.Context, out []actions.Settlement) error {
	if len(out) == 0 {
		return nil
	}
	for i := range out {
		switch out[i].State {
		case actions.Done, actions.Spared, actions.DryRun, actions.Dead, actions.Held, actions.Void, actions.Retry, actions.Free:
		default:
			return fmt.Errorf("settling action %s: unknown state %q", out[i].Item.ID, out[i].State)
		}
	}
	return s.change(ctx, 2*len(out), func(t *tx) error {
		for i := range out {
			if err := t.settle(&out[i]); err != nil {
				return fmt.Errorf("settling action %s: %w", out[i].Item.ID, err)
			}
		}
		return nil
	})
}

func (t *tx) settle(s *actions.Settlement) error {
	token := s.Item.Token
	seq, err := strconv.ParseInt(token.Entry, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // not an entry of this store, so there is nothing to settle
	}
	var one int
	if own, err := t.get(ownEntry, []any{seq, token.Part, token.Fence}, &one); err != nil || !own {
		return err
	}
	if s.State != actions.Retry {
		t.claims[token.Part] = append(t.claims[token.Part], claimed{seq: seq})
	}
	switch s.State {
	case actions.Free:
		t.woken[token.Part] = true
		return t.exec(freeEntry, seq)
	case actions.Retry:
		err = t.exec(countTry, seq)
	case actions.Dead:
		if err = t.shelve(actions.DeadShelf, s, seq); err == nil {
			err = t.end(s, seq)
		}
	case actions.Held:
		if err = t.shelve(actions.HeldShelf, s, seq); err == nil {
			err = t.hold(s, seq)
		}
	default:
		err = t.end(s, seq)
	}
	if err != nil {
		return err
	}
	return t.record(s)
}

// shelve makes an entry a letter.
func (t *tx) shelve(shelf actions.Shelf, s *actions.Settlement, seq int64) error {
	return t.exec(putLetter, string(shelf), string(s.Item.ID), s.At.UnixMicro(), s.Code, s.Text, seq)
}

// end takes the entry out of the queue. Its mark goes with what was not carried out, so that the
// next offence is acted on, and else stays for a while, unless it is another action's by now.
func (t *tx) end(s *actions.Settlement, seq int64) error {
	if err := t.exec(dropEntry, seq); err != nil {
		return err
	}
	a := &s.Item.Action
	grp := groupDigest(a.Group)
	key, keep := a.Dedupe()
	switch s.State {
	case actions.Dead, actions.DryRun, actions.Void:
		return t.exec(dropMark, grp[:], []byte(a.Member), []byte(key), string(a.ID))
	}
	done := t.now
	if !s.At.IsZero() {
		done = s.At.UnixMicro()
	}
	return t.exec(expireMark, t.now+keep.Microseconds(), done, grp[:], []byte(a.Member), []byte(key), string(a.ID))
}

// hold takes the entry out of the queue. Its mark goes to a key of its own, where it keeps out what its
// own rule wants, and nothing else.
func (t *tx) hold(s *actions.Settlement, seq int64) error {
	if err := t.exec(dropEntry, seq); err != nil {
		return err
	}
	a := &s.Item.Action
	grp := groupDigest(a.Group)
	key, _ := a.Dedupe()
	return t.exec(holdMark, []byte(store.HeldKey(a.Intent.Rule, key)), grp[:], []byte(a.Member), []byte(key), string(a.ID))
}

// record appends the provider's answer to the case.
func (t *tx) record(s *actions.Settlement) error {
	return t.note(s.Item.Case, chat.Answer{
		Action: s.Item.ID, Kind: s.Item.Intent.Kind, Member: s.Item.Member, State: string(s.State),
		API: s.API, Code: s.Code, Text: s.Text, RequestID: s.RequestID, At: s.At,
	})
}

// note appends an answer to a case, if the audit still has it.
func (t *tx) note(id chat.CaseID, a chat.Answer) error {
	var seq int64
	if found, err := t.get(caseSeq, []any{[]byte(id)}, &seq); err != nil || !found {
		return err
	}
	return t.answer(seq, a)
}
