package sqlite

import (
	"cmp"
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
	leaseEntry  = "UPDATE queue SET lease = ? WHERE seq = ? AND part = ? AND fence = ?"
	pickEntries = "SELECT seq, fence, deliveries, attempts, body FROM queue WHERE part = ? AND lease = 0 ORDER BY seq LIMIT ?"
	takeEntries = "UPDATE queue SET lease = 1, fence = fence + 1, deliveries = deliveries + 1 WHERE part = ? AND lease = 0 AND seq <= ?"
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
	err = s.soon(context.WithoutCancel(ctx), 1+most, func(t *tx) (err error) {
		if items, err = t.claim(part, most); err != nil || len(items) > 0 {
			return err
		}
		next = claimWait
		if left, running := t.w.leases.next(part); running {
			next = max(left, time.Millisecond)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claiming from partition %d: %w", part, err)
	}
	return items, next, nil
}

// claim takes the oldest entries. To find those whose claim ran out among the free ones, it frees as
// many as could be taken, and then puts back the claims of those that were not: the owner can renew
// them still. An entry that cannot be read is claimed as well: it must not keep the others waiting.
func (t *tx) claim(part, most int) ([]actions.Item, error) {
	overdue := t.w.leases.overdue(part, most+len(t.claims[part])) // some may have changed in this transaction
	for _, c := range overdue {
		if err := t.exec(leaseEntry, 0, c.seq, part, c.fence); err != nil {
			return nil, err
		}
	}
	items, taken, err := t.pick(part, most)
	if len(taken) == 0 {
		return nil, err
	}
	last := taken[len(taken)-1].seq
	if err := t.exec(takeEntries, part, last); err != nil {
		return nil, err
	}
	for _, c := range overdue {
		if c.seq > last {
			if err := t.exec(leaseEntry, 1, c.seq, part, c.fence); err != nil {
				return nil, err
			}
		}
	}
	t.claims[part] = append(t.claims[part], taken...)
	if len(items) == 0 {
		return nil, refusal{err}
	}
	return items, nil
}

// pick reads the oldest entries that are free, and returns how they are claimed once takeEntries has
// run. The error is about an entry that could not be read where any are returned, else about the file.
func (t *tx) pick(part, most int) (items []actions.Item, taken []claimed, err error) {
	st, err := t.stmt(pickEntries)
	if err != nil {
		return nil, nil, err
	}
	rows, err := st.QueryContext(t.ctx, part, most)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var unreadable error
	for rows.Next() {
		it := actions.Item{Token: actions.Token{Part: part}}
		var seq int64
		var body []byte
		if err := rows.Scan(&seq, &it.Token.Fence, &it.Deliveries, &it.Attempts, &body); err != nil {
			return nil, nil, err
		}
		it.Token.Fence++ // as takeEntries does
		it.Deliveries++
		taken = append(taken, claimed{seq: seq, fence: it.Token.Fence})
		if it.Action, err = store.UnmarshalAction(body); err != nil {
			unreadable = fmt.Errorf("entry %d: %w", seq, err)
			continue
		}
		it.Token.Entry = strconv.FormatInt(seq, 10)
		items = append(items, it)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	return items, taken, unreadable
}

// Renew implements actions.Queue.
func (s *Store) Renew(ctx context.Context, tokens []actions.Token) error {
	if len(tokens) == 0 {
		return nil
	}
	err := cmp.Or(ctx.Err(), s.w.fault())
	select {
	case <-s.stop:
		err = store.ErrClosed
	default:
	}
	if err != nil {
		return fmt.Errorf("renewing %d claims: %w", len(tokens), err)
	}
	s.w.leases.renew(tokens)
	return nil
}
