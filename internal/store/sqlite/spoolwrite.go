package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
)

const (
	addEntry     = "INSERT INTO entries (at, text, body) VALUES (?, ?, ?)"
	addReturn    = "INSERT INTO returns (entry, key, since) VALUES (last_insert_rowid(), ?, ?)"
	bareReturn   = "INSERT INTO entries (at, text, body) VALUES (?, 0, x'')" // for its ID alone, which no other entry has then
	dropBare     = "DELETE FROM entries WHERE id = last_insert_rowid()"      // which is the same in returns
	agedReturns  = "DELETE FROM returns WHERE entry < (SELECT COALESCE(MIN(id), 9223372036854775807) FROM entries)"
	trimReturns  = "DELETE FROM returns WHERE entry IN (SELECT entry FROM returns ORDER BY entry LIMIT ?)"
	dropSpooled  = "DELETE FROM entries WHERE id = ? RETURNING LENGTH(body)"
	copyEntry    = "INSERT INTO given_up (id, at, text, why, body) SELECT id, at, text, ?, CASE WHEN LENGTH(body) <= 65536 THEN body END FROM entries WHERE id = ?"
	trimGivenUp  = "DELETE FROM given_up WHERE id IN (SELECT id FROM given_up ORDER BY id DESC LIMIT -1 OFFSET ?)"
	agedGivenUp  = "UPDATE given_up SET body = NULL WHERE text = 1 AND at < ? AND body IS NOT NULL"
	agedEntry    = "SELECT id FROM entries WHERE text = 1 AND at < ? ORDER BY at LIMIT 1"
	bareEntry    = "INSERT INTO given_up (id, at, text, why) SELECT id, at, text, ? FROM entries WHERE id = ?"
	whyForgotten = "its text may be kept no longer"

	forgetStep = 200
)

// spoolRequest is a request that also says how it changes what the spool holds.
type spoolRequest struct {
	request
	add            int64 // bytes that it needs; 0: it adds nothing
	entries, bytes int64 // by how much it changes what is on disk; set by run
	returns        int64 // and that table
	shrink         bool  // the log is emptied once it is carried out
}

// flush carries out requests as the embedded store does. Those that do not fit are refused.
func (s *Spool) flush(ctx context.Context, reqs []*spoolRequest) ([]error, error) {
	answers := make([]error, len(reqs))
	var fit []request
	var at []int // where they stand in reqs
	free := s.most - s.bytes.Load()
	for i, r := range reqs {
		if r.add > 0 && r.add > free { // what adds nothing is fine in a spool that was made smaller, too
			answers[i] = fmt.Errorf("%w: it holds %d of %d bytes", spool.ErrFull, s.bytes.Load(), s.most)
			continue
		}
		free -= r.add
		fit, at = append(fit, r.request), append(at, i)
	}
	if len(fit) == 0 {
		return answers, s.w.fault()
	}
	got, err := s.w.flush(ctx, fit)
	if err != nil {
		return nil, err
	}
	for i, err := range got {
		r := reqs[at[i]]
		answers[at[i]] = err
		if err == nil {
			s.entries.Add(r.entries)
			s.bytes.Add(r.bytes)
			s.returns.Add(r.returns)
			if r.bytes < 0 {
				s.dirty.Store(true)
			}
			if r.shrink {
				answers[at[i]] = s.emptyLog(ctx)
			}
		}
	}
	return answers, nil
}

func (s *Spool) do(ctx context.Context, r *spoolRequest) error {
	refused, err := s.batch.Do(ctx, r)
	if err = errors.Join(err, refused); err != nil {
		return fmt.Errorf("writing to %s: %w", s.path, err)
	}
	return nil
}

// Append implements spool.Disk.
func (s *Spool) Append(ctx context.Context, entries []spool.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	r := &spoolRequest{}
	for i := range entries {
		r.add += int64(len(entries[i].Body)) + spoolRoom
	}
	r.entries, r.bytes = int64(len(entries)), r.add
	r.request = request{ops: len(entries), run: func(t *tx) error {
		r.returns = 0
		for i := range entries {
			e := &entries[i]
			if err := t.exec(addEntry, e.At.UnixMicro(), e.Text, e.Body); err != nil {
				return err
			}
			if e.Return == "" {
				continue
			}
			if err := t.exec(addReturn, e.Return, e.Since.UnixMicro()); err != nil {
				return err
			}
			r.returns++
		}
		return nil
	}}
	return s.do(ctx, r)
}

// Remember implements spool.Disk.
func (s *Spool) Remember(ctx context.Context, joins []spool.Entry) error {
	r := &spoolRequest{}
	r.request = request{ops: max(len(joins), 1), run: func(t *tx) error {
		r.returns = 0
		for i := range joins {
			e := &joins[i]
			if err := t.exec(bareReturn, e.At.UnixMicro()); err != nil {
				return err
			}
			if err := t.exec(addReturn, e.Return, e.Since.UnixMicro()); err != nil {
				return err
			}
			if err := t.exec(dropBare); err != nil {
				return err
			}
			r.returns++
		}
		return nil
	}}
	return s.do(ctx, r)
}

// Done implements spool.Disk.
func (s *Spool) Done(ctx context.Context, ids []int64) error {
	r := &spoolRequest{}
	r.request = request{ops: max(len(ids), 1), run: func(t *tx) error {
		r.entries, r.bytes = 0, 0
		for _, id := range ids {
			if err := r.drop(t, id); err != nil {
				return err
			}
		}
		return s.age(t, r)
	}}
	return s.do(ctx, r)
}

// age removes who has joined before anything that waits, and the first of too many.
func (s *Spool) age(t *tx, r *spoolRequest) error {
	r.returns = 0
	known := s.returns.Load()
	if known == 0 {
		return nil
	}
	gone, err := t.change(agedReturns)
	if err != nil {
		return err
	}
	if over := known - gone - maxReturns - s.entries.Load(); over > 0 {
		more, err := t.change(trimReturns, over)
		if err != nil {
			return err
		}
		gone += more
	}
	r.returns = -gone
	return nil
}

// drop removes an entry that waits, and counts it.
func (r *spoolRequest) drop(t *tx, id int64) error {
	var size int64
	found, err := t.get(dropSpooled, []any{id}, &size)
	if found {
		r.entries--
		r.bytes -= size + spoolRoom
	}
	return err
}

// GiveUp implements spool.Disk.
func (s *Spool) GiveUp(ctx context.Context, id int64, why string) error {
	r := &spoolRequest{}
	r.request = request{ops: 1, run: func(t *tx) error {
		r.entries, r.bytes = 0, 0
		if err := t.exec(copyEntry, why, id); err != nil {
			return err
		}
		if err := r.drop(t, id); err != nil {
			return err
		}
		if err := s.age(t, r); err != nil {
			return err
		}
		return t.exec(trimGivenUp, maxGivenUp)
	}}
	return s.do(ctx, r)
}

// Forget implements spool.Disk.
func (s *Spool) Forget(ctx context.Context, before time.Time) (forgotten []int64, err error) {
	for {
		var step []int64
		r := &spoolRequest{}
		r.request = request{ops: forgetStep, run: func(t *tx) error {
			step, r.entries, r.bytes = nil, 0, 0
			if err := t.exec(agedGivenUp, before.UnixMicro()); err != nil {
				return err
			}
			for len(step) < forgetStep {
				var id int64
				if found, err := t.get(agedEntry, []any{before.UnixMicro()}, &id); err != nil {
					return err
				} else if !found {
					break
				}
				if err := t.exec(bareEntry, whyForgotten, id); err != nil {
					return err
				}
				if err := r.drop(t, id); err != nil {
					return err
				}
				step = append(step, id)
			}
			if err := s.age(t, r); err != nil {
				return err
			}
			return t.exec(trimGivenUp, maxGivenUp)
		}}
		if err := s.do(ctx, r); err != nil {
			return forgotten, err
		}
		if forgotten = append(forgotten, step...); len(step) < forgetStep {
			return forgotten, nil
		}
	}
}
