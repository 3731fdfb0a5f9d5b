package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

const (
	newFor     = 10 * time.Minute    // a rule that was first seen less than this ago has a tighter brake
	keepRule   = 30 * 24 * time.Hour // what is remembered of a rule, and renewed while it is enforced
	mostForms  = 16                  // forms of one rule that are remembered: the latest
	ruleTrials = 3                   // two replicas may learn of a rule at once
)

// history is when the forms of one rule were first enforced, oldest first.
type history struct {
	Rule  chat.RuleID `json:"rule"`
	Forms []form      `json:"forms"`
}

// form is a rule as it stood in the rules at some time.
type form struct {
	Digest string    `json:"digest"` // policy.Enforcement.Digest
	Seen   time.Time `json:"seen"`
}

// seen returns when a form was first enforced.
func (h *history) seen(digest string) (time.Time, bool) {
	if h != nil {
		for _, f := range h.Forms {
			if f.Digest == digest {
				return f.Seen, true
			}
		}
	}
	return time.Time{}, false
}

// trust is what is known of the age of rules. All of it is stored, so that a restart makes no rule new.
type trust struct {
	turn chan struct{} // holds a token while nobody learns

	mu    sync.RWMutex // guards the field below
	known map[string]entry[history]
}

func ruleKey(id chat.RuleID) string { return chat.Digest("rule", string(id)) }

func (t *trust) of(id chat.RuleID) entry[history] {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.known[ruleKey(id)]
}

// loaded tells whether the store was read.
func (t *trust) loaded() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.known != nil
}

// Learn remembers the enforced rules that are new or have changed, and renews what is remembered of
// the others.
func (g *Guard) Learn(ctx context.Context) error {
	rules := g.cfg.Rules()
	for _, info := range rules.Infos() {
		e, ok := rules.Enforcement(info.ID)
		if !ok {
			continue
		}
		if _, err := g.learn(ctx, info.ID, e.Digest); err != nil {
			return err
		}
	}
	return nil
}

// brakeOf returns the brake of an enforced rule as it is now.
func (g *Guard) brakeOf(ctx context.Context, id chat.RuleID, e policy.Enforcement) (policy.Brake, error) {
	if !e.Brake.On() {
		return e.Brake, nil
	}
	known := g.trust.of(id)
	since, ok := known.value.seen(e.Digest)
	if !ok {
		var err error
		if since, err = g.learn(ctx, id, e.Digest); err != nil {
			if !g.trust.loaded() || ctx.Err() != nil {
				return policy.Brake{}, err
			}
			// There may be no room for one more. What cannot be remembered is new each time, and the
			// other rules go on.
			g.cfg.Log.Warn("a rule cannot be remembered: its brake stays as tight as a new rule's", "rule", id, "error", err)
			return e.Brake.Tight(), nil
		}
	}
	if g.cfg.Now().Sub(since) < newFor {
		return e.Brake.Tight(), nil
	}
	return e.Brake, nil
}

// learn returns when a rule of this form was first enforced, and stores it if that is now.
func (g *Guard) learn(ctx context.Context, id chat.RuleID, digest string) (time.Time, error) {
	select {
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-g.trust.turn:
	}
	defer func() { g.trust.turn <- struct{}{} }()
	if !g.trust.loaded() {
		if err := g.readHistories(ctx); err != nil {
			return time.Time{}, err
		}
	}
	var err error
	for range ruleTrials {
		now, known := g.cfg.Now(), g.trust.of(id)
		since, ok := known.value.seen(digest)
		if ok && known.memo.Expires.Sub(now) > keepRule/2 {
			return since, nil
		}
		h := history{Rule: id}
		if known.value != nil {
			h.Forms = slices.Clone(known.value.Forms)
		}
		if !ok {
			since = now
			h.Forms = append(h.Forms, form{digest, now})
			h.Forms = h.Forms[max(0, len(h.Forms)-mostForms):]
		}
		if err = g.saveHistory(ctx, known.memo.Version, h, now); err == nil {
			return since, nil
		}
		if read := g.readHistories(ctx); read != nil {
			return time.Time{}, read
		}
	}
	return time.Time{}, fmt.Errorf("remembering since when rule %q is enforced: %w", id, err)
}

func (g *Guard) saveHistory(ctx context.Context, version int64, h history, now time.Time) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	m := chat.Memo{Kind: ruleMemo, Key: ruleKey(h.Rule), Version: version + 1, Body: body, Expires: now.Add(keepRule)}
	if err := g.cfg.Store.SaveMemo(ctx, m); err != nil {
		return err
	}
	g.trust.mu.Lock()
	defer g.trust.mu.Unlock()
	g.trust.known[m.Key] = entry[history]{m, &h}
	return nil
}

// readHistories reads what is stored of all rules.
func (g *Guard) readHistories(ctx context.Context) error {
	memos, err := g.cfg.Store.Memos(ctx, ruleMemo)
	if err != nil {
		return fmt.Errorf("reading since when rules are enforced: %w", err)
	}
	g.trust.mu.Lock()
	defer g.trust.mu.Unlock()
	known, err := decode(memos, g.trust.known)
	if err == nil {
		g.trust.known = known
	}
	return err
}
