package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	memoReturn  = "return"        // the kind of the memos below
	keepReturns = 2 * time.Minute // the join that a readmission causes is told within seconds
)

// memos is what returns needs of a store.
type memos interface {
	Memos(ctx context.Context, kind string) ([]chat.Memo, error)
	SaveMemo(ctx context.Context, m chat.Memo) error
}

// returns implements tencent.Returns by memos, each of which holds the digests of those who come back by
// one call. It is safe for concurrent use.
type returns struct {
	store memos
	now   func() time.Time

	reading sync.Mutex // held while the store is read; guards the field below
	known   map[string]batchBack
}

// batchBack are the digests of one memo.
type batchBack struct {
	members map[string]struct{}
	until   time.Time
}

func newReturns(s memos, now func() time.Time) *returns {
	return &returns{store: s, now: now, known: map[string]batchBack{}}
}

// Returning implements tencent.Returns. Each call is one write.
func (r *returns) Returning(ctx context.Context, g chat.Group, members []chat.MemberID) error {
	now := r.now()
	digests := digestsOf(g, members)
	body, err := json.Marshal(digests)
	if err != nil {
		return fmt.Errorf("encoding who comes back to group %q: %w", g.ID, err)
	}
	key := chat.Digest(append([]string{memoReturn, strconv.FormatInt(now.UnixNano(), 10)}, digests...)...)
	err = r.store.SaveMemo(ctx, chat.Memo{Kind: memoReturn, Key: key, Version: 1, Body: body, Expires: now.Add(keepReturns)})
	if err != nil && !errors.Is(err, store.ErrStale) { // which says that the very same is stored
		return fmt.Errorf("storing who comes back to group %q: %w", g.ID, err)
	}
	return nil
}

// Returned implements tencent.Returns. Whoever is found in what was read before needs no reading. For
// anybody else the store is read once: he may have been brought back a moment ago. One reading is made at
// a time.
func (r *returns) Returned(ctx context.Context, g chat.Group, members []chat.MemberID) ([]bool, error) {
	digests := digestsOf(g, members)
	r.reading.Lock()
	defer r.reading.Unlock()
	out := make([]bool, len(members))
	if r.find(digests, out) {
		return out, nil
	}
	if err := r.read(ctx); err != nil {
		return out, err
	}
	r.find(digests, out)
	return out, nil
}

// find marks those who are known to come back, and tells whether all are.
func (r *returns) find(digests []string, out []bool) (all bool) {
	now := r.now()
	all = true
	for i, d := range digests {
		for _, b := range r.known {
			if _, ok := b.members[d]; ok && b.until.After(now) {
				out[i] = true
				break
			}
		}
		all = all && out[i]
	}
	return all
}

// read takes over what is stored. No memo changes, so that one that is known is not decoded again.
func (r *returns) read(ctx context.Context) error {
	stored, err := r.store.Memos(ctx, memoReturn)
	if err != nil {
		return fmt.Errorf("reading who comes back: %w", err)
	}
	known := make(map[string]batchBack, len(stored))
	for _, m := range stored {
		if b, ok := r.known[m.Key]; ok {
			known[m.Key] = b
			continue
		}
		var digests []string
		if err := json.Unmarshal(m.Body, &digests); err != nil {
			return fmt.Errorf("reading who comes back: %w", err)
		}
		b := batchBack{members: make(map[string]struct{}, len(digests)), until: m.Expires}
		for _, d := range digests {
			b.members[d] = struct{}{}
		}
		known[m.Key] = b
	}
	r.known = known
	return nil
}

// digestsOf returns a digest of the group and each member.
func digestsOf(g chat.Group, members []chat.MemberID) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = chat.Digest(memoReturn, string(g.Provider), string(g.Account), string(g.ID), string(m))
	}
	return out
}
