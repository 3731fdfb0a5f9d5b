package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	pauseLasts = 10 * 365 * 24 * time.Hour // until somebody lifts it, but a memo has to end
	endedLasts = 24 * time.Hour            // as long as a brake may look back
	maxWhy     = 500                       // bytes
	tries      = 5                         // at changing a memo that others change at the same time
)

// PauseRequest names what is to be paused, or resumed.
type PauseRequest struct {
	Rule  chat.RuleID `json:"rule,omitempty"`  // empty: everything, see ResumeRequest
	Group string      `json:"group,omitempty"` // ID, or provider:ID; empty: in every group
	Why   string      `json:"why,omitempty"`
}

// Paused is the answer to a PauseRequest.
type Paused struct {
	Pause   chat.Pause `json:"pause"`
	Already bool       `json:"already,omitempty"` // an operator had made it before, and it stays as it was
	// Brake is the pause that a brake had made, and whose place this one has taken: a brake's lets go what
	// it had counted before, an operator's stops that too.
	Brake   *chat.Pause `json:"brake,omitempty"`
	Warning string      `json:"warning,omitempty"`
}

// PausesList are the pauses that hold, newest first.
type PausesList struct {
	Pauses  []chat.Pause `json:"pauses"`
	Damaged []Damage     `json:"damaged,omitempty"` // what nobody can read: pauses, and undoings as well
}

// Pauses lists the pauses that hold.
func (d *Desk) Pauses(ctx context.Context) (PausesList, error) {
	found, _, err := d.pauses(ctx)
	if err != nil {
		return PausesList{}, err
	}
	list := PausesList{Pauses: []chat.Pause{}}
	if list.Damaged, err = d.damage(ctx); err != nil {
		return PausesList{}, err
	}
	for i := range found {
		if found[i].Ended.IsZero() {
			list.Pauses = append(list.Pauses, found[i].Pause)
		}
	}
	newestFirst(list.Pauses)
	return list, nil
}

func newestFirst(list []chat.Pause) {
	slices.SortFunc(list, func(a, b chat.Pause) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Key(), b.Key()))
	})
}

// noted is a pause and the memo that holds it.
type noted struct {
	chat.Pause
	memo chat.Memo
}

// pauses returns the stored pauses, those that ended among them, and what cannot be read.
func (d *Desk) pauses(ctx context.Context) (out []noted, bad []Damage, err error) {
	memos, err := d.c.Store.Memos(ctx, chat.MemoPause)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the pauses: %w", err)
	}
	bad = read(memos, func(m chat.Memo, p chat.Pause) { out = append(out, noted{p, m}) })
	return out, bad, nil
}

// Pause stops a rule, or everything, from acting. Events are still judged, and what they lead to is
// held. It takes the place of a brake's pause of the same, and of one that cannot be read.
func (d *Desk) Pause(ctx context.Context, q PauseRequest) (Paused, error) {
	g, err := d.group(q.Group)
	if err != nil {
		return Paused{}, err
	}
	if len(q.Why) > maxWhy {
		return Paused{}, &Error{Mistaken, fmt.Sprintf("the reason is over %d bytes", maxWhy)}
	}
	p := chat.Pause{Rule: q.Rule, Group: g, By: chat.PausedByOperator, Why: q.Why, At: d.c.Now().UTC()}
	out := Paused{Warning: d.warning(q.Rule)}
	if out.Warning != "" && d.c.InForce {
		return Paused{}, &Error{NotFound, out.Warning + ": nothing was paused"}
	}
	for range tries {
		before, version, err := d.pauseOf(ctx, p.Key())
		if err != nil {
			return Paused{}, err
		}
		out.Pause, out.Brake = p, nil
		if before != nil && before.Ended.IsZero() {
			if before.By != chat.PausedByBrake {
				out.Pause, out.Already = *before, true
				return out, nil
			}
			out.Brake = before
		}
		n := noted{p, chat.Memo{Kind: chat.MemoPause, Key: p.Key(), Version: version}}
		if err = d.save(ctx, n); err == nil || !errors.Is(err, store.ErrStale) {
			return out, err
		}
	}
	return Paused{}, fmt.Errorf("pausing %s: %w", name(p.Rule), store.ErrStale)
}

// pauseOf returns the pause of a key, nil when there is none or none that can be read, and the version
// that is stored.
func (d *Desk) pauseOf(ctx context.Context, key string) (*chat.Pause, int64, error) {
	all, bad, err := d.pauses(ctx)
	if err != nil {
		return nil, 0, err
	}
	for i := range all {
		if all[i].memo.Key == key {
			return &all[i].Pause, all[i].memo.Version, nil
		}
	}
	for i := range bad {
		if bad[i].Key == key {
			return nil, bad[i].version, nil
		}
	}
	return nil, 0, nil
}

// save stores a pause one version above the one that it was read from.
func (d *Desk) save(ctx context.Context, n noted) error {
	body, err := json.Marshal(&n.Pause)
	if err != nil {
		return fmt.Errorf("encoding a pause: %w", err)
	}
	lasts := pauseLasts
	if !n.Ended.IsZero() {
		lasts = endedLasts
	}
	n.memo.Version, n.memo.Body, n.memo.Expires = n.memo.Version+1, body, d.c.Now().Add(lasts)
	if err := d.c.Store.SaveMemo(ctx, n.memo); err != nil {
		return fmt.Errorf("storing a pause: %w", err)
	}
	return nil
}

// warning says that a rule is not one of those in force, if these are known.
func (d *Desk) warning(rule chat.RuleID) string {
	rules := d.c.Rules()
	if rule == "" || rules == nil {
		return ""
	}
	for _, info := range rules.Infos() {
		if info.ID == rule {
			return ""
		}
	}
	return fmt.Sprintf("no rule %q is in force", clip(string(rule)))
}

// name is how a message calls a rule, or all of them.
func name(rule chat.RuleID) string {
	if rule == "" {
		return "everything"
	}
	return fmt.Sprintf("rule %q", rule)
}
