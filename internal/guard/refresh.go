package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	readEvery  = time.Second
	readBefore = 5 * time.Second // Admit reads by itself when the last reading is older
	learnEvery = time.Hour       // even when the rules are the same: what is remembered of them is renewed

	keepPause   = 365 * 24 * time.Hour // and renewed while it holds
	mostRenewed = 100                  // pauses in one reading
)

// Run reads pauses and undoings every second, and remembers the rules when they change, until the
// context ends. While the store cannot be read, what was read before holds on.
func (g *Guard) Run(ctx context.Context) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	var w watch
	for {
		w.look(ctx, g)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watch is what Run remembers between two looks.
type watch struct {
	failing bool
	hash    string    // of the rules that were learned
	learned time.Time // when
}

// look reads and learns once, and logs only what has changed.
func (w *watch) look(ctx context.Context, g *Guard) {
	err := g.refresh(ctx)
	now, hash := g.cfg.Now(), g.cfg.Rules().Hash()
	if err == nil {
		g.renew(ctx, now)
		if hash != w.hash || now.Sub(w.learned) >= learnEvery {
			if err = g.Learn(ctx); err == nil {
				w.hash, w.learned = hash, now
			}
		}
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !w.failing:
		g.cfg.Log.Warn("pauses and undoings cannot be read or kept, those known hold on", "error", err)
	case err == nil && w.failing:
		g.cfg.Log.Info("pauses and undoings can be read and kept again")
	}
	w.failing = err != nil
}

// fresh returns what the store said lately. An error means that it is not known.
func (g *Guard) fresh(ctx context.Context) (*snapshot, error) {
	s := g.last.Load()
	if s != nil {
		if age := g.cfg.Now().Sub(s.at); age >= 0 && age <= readBefore {
			return s, nil
		}
	}
	if err := g.refresh(ctx); err != nil {
		return nil, err
	}
	return g.last.Load(), nil
}

// refresh reads the store, unless somebody else does so meanwhile: a reading serves everybody who
// asked before it began.
func (g *Guard) refresh(ctx context.Context) error {
	asked := g.begun.Load()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.reading:
	}
	defer func() { g.reading <- struct{}{} }()
	before := g.last.Load()
	if before != nil && before.number > asked {
		return nil
	}
	if before == nil {
		before = &snapshot{}
	}
	s := &snapshot{number: g.begun.Add(1), at: g.cfg.Now()}
	memos, err := g.cfg.Store.Memos(ctx, chat.MemoPause)
	if err == nil {
		s.pauses, err = decode(memos, before.pauses)
	}
	if err != nil {
		return fmt.Errorf("reading pauses: %w", err)
	}
	memos, err = g.cfg.Store.Memos(ctx, chat.MemoUndoing)
	if err == nil {
		s.undoings, err = decode(memos, before.undoings)
	}
	if err != nil {
		return fmt.Errorf("reading undoings: %w", err)
	}
	s.index()
	g.last.Store(s)
	g.metrics.show(s, g.cfg.Rules())
	return nil
}

// renew moves the expiry of pauses that hold: only a person lifts a pause. What fails is tried again
// at the next reading; there is half a year for it.
func (g *Guard) renew(ctx context.Context, now time.Time) {
	n := 0
	for _, e := range g.last.Load().pauses {
		if !e.value.Ended.IsZero() || e.memo.Expires.Sub(now) > keepPause/2 {
			continue
		}
		m := chat.Memo{Kind: chat.MemoPause, Key: e.memo.Key, Version: e.memo.Version + 1, Body: e.memo.Body, Expires: now.Add(keepPause)}
		if err := g.cfg.Store.SaveMemo(ctx, m); err != nil {
			g.cfg.Log.Debug("renewing a pause", "rule", e.value.Rule, "error", err)
		}
		if n++; n == mostRenewed {
			return
		}
	}
}
