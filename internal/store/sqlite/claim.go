package sqlite

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	claimWait = time.Second // how long a claim with nothing there waits at most
	maxClaim  = 1000        // entries of one claim
)

const (
	freeOverdue = "UPDATE queue SET lease = 0 WHERE part = ? AND lease > 0 AND lease <= ?"
	pickEntries = "SELECT seq, fence, deliveries, attempts, body FROM queue WHERE part = ? AND lease = 0 ORDER BY seq LIMIT ?"
	takeEntries = "UPDATE queue SET lease = ?, fence = fence + 1, deliveries = deliveries + 1 WHERE part = ? AND lease = 0 AND seq <= ?"
	nextLease   = "SELECT COALESCE(MIN(lease), ?2) FROM queue WHERE part = ?1 AND lease > 0"
	renewEntry  = "UPDATE queue SET lease = ? WHERE seq = ? AND fence = ?"
)

// Parts implements actions.Queue.
func (s *Store) Parts() int { return s.o.Partitions }

// Claim implements actions.Queue.
func (s *Store) Claim(ctx context.Context, part, most int) ([]actions.Item, error) {
	if part < 0 || part >= s.o.Partitions || most <= 0 {
		return nil, fmt.Errorf("claiming %d entries of partition %d of %d: no such claim", most, part, s.o.Partitions)
	}
	most = min(most, maxClaim)
	wait := min(claimWait, s.o.Lease/4) // who waits here must be back in time to renew other claims
	end := time.NewTimer(wait)
	defer end.Stop()
	overdue := time.NewTimer(wait)
	defer overdue.Stop()
	for last := false; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rung := s.bell.wait(part) // before the look, so that what comes after it rings
		items, next, err := s.claim(ctx, part, most)
		if err != nil || len(items) > 0 || last {
			return items, err
		}
		overdue.Reset(next)
		select {
		case <-rung:
		case <-overdue.C:
		case <-end.C:
			last = true
		case <-s.stop:
			return nil, store.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// claim takes what is there. It does not give up when the context ends: the entries would be
// claimed for nobody until their leases ran out. With nothing there it says when a lease runs out.
func (s *Store) claim(ctx context.Context, part, most int) (items []actions.Item, next time.Duration, err error) {
	err = s.change(context.WithoutCancel(ctx), 1+most, func(t *tx) (err error) {
		if items, err = t.claim(part, most); err != nil || len(items) > 0 {
			return err
		}
		until := t.lease + claimWait.Microseconds()
		_, err = t.get(nextLease, []any{part, until}, &until)
		next = max(time.Duration(until-t.lease)*time.Microsecond, time.Millisecond)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claiming from partition %d: %w", part, err)
	}
	return items, next, nil
}

func (t *tx) claim(part, most int) ([]actions.Item, error) {
	if err := t.exec(freeOverdue, part, t.lease); err != nil {
		return nil, err
	}
	items, last, err := t.pick(part, most)
	if last == 0 {
		return nil, err
	}
	// An entry that cannot be read is claimed as well: it must not keep the others waiting.
	until := t.lease + t.w.o.Lease.Microseconds()
	if taken := t.exec(takeEntries, until, part, last); taken != nil {
		return nil, taken
	}
	if len(items) == 0 {
		return nil, refusal{err}
	}
	return items, nil
}

// pick reads the oldest entries that are free, and returns the last one's number. The error is
// about an entry that could not be read where last is set, else about the file.
func (t *tx) pick(part, most int) (items []actions.Item, last int64, err error) {
	st, err := t.stmt(pickEntries)
	if err != nil {
		return nil, 0, err
	}
	rows, err := st.QueryContext(t.ctx, part, most)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var unreadable error
	for rows.Next() {
		it := actions.Item{Token: actions.Token{Part: part}}
		var seq int64
		var body []byte
		if err := rows.Scan(&seq, &it.Token.Fence, &it.Deliveries, &it.Attempts, &body); err != nil {
			return nil, 0, err
		}
		last = seq
		if it.Action, err = store.UnmarshalAction(body); err != nil {
			unreadable = fmt.Errorf("entry %d: %w", seq, err)
			continue
		}
		it.Token.Entry = strconv.FormatInt(seq, 10)
		it.Token.Fence++ // as takeEntries does
		it.Deliveries++
		items = append(items, it)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	return items, last, unreadable
}

// Renew implements actions.Queue.
func (s *Store) Renew(ctx context.Context, tokens []actions.Token) error {
	if len(tokens) == 0 {
		return nil
	}
	err := s.change(ctx, len(tokens), func(t *tx) error {
		until := t.lease + t.w.o.Lease.Microseconds()
		for _, token := range tokens {
			seq, err := strconv.ParseInt(token.Entry, 10, 64)
			if err != nil {
				continue // not a token of this store: nothing of ours is claimed by it
			}
			if err := t.exec(renewEntry, until, seq, token.Fence); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("renewing %d claims: %w", len(tokens), err)
	}
	return nil
}
