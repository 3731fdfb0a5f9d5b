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
	Already bool       `json:"already,omitempty"` // it held before, and stays as it was
	Warning string     `json:"warning,omitempty"`
}

// PausesList are the pauses that hold, newest first.
type PausesList struct {
	Pauses []chat.Pause `json:"pauses"`
}

// Pauses lists the pauses that hold.
func (d *Desk) Pauses(ctx context.Context) (PausesList, error) {
	found, err := d.pauses(ctx)
	if err != nil {
		return PausesList{}, err
	}
	list := PausesList{Pauses: []chat.Pause{}}
	for i := range found {
		if found[i].Ended.IsZero() {
			list.Pauses = append(list.Pauses, found[i].Pause)
		}
	}
	slices.SortFunc(list.Pauses, func(a, b chat.Pause) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Key(), b.Key()))
	})
	return list, nil
}

// noted is a pause and the memo that holds it.
type noted struct {
	chat.Pause
	memo chat.Memo
}

func (d *Desk) pauses(ctx context.Context) ([]noted, error) {
	memos, err := d.c.Store.Memos(ctx, memoPause)
	if err != nil {
		return nil, fmt.Errorf("reading the pauses: %w", err)
	}
	out := make([]noted, 0, len(memos))
	for _, m := range memos {
		n := noted{memo: m}
		if err := json.Unmarshal(m.Body, &n.Pause); err != nil {
			return nil, fmt.Errorf("reading pause %s: %w", m.Key, err)
		}
		out = append(out, n)
	}
	return out, nil
}

// Pause stops a rule, or everything, from acting. Events are still judged, and what they lead to is
// held.
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
	for range tries {
		all, err := d.pauses(ctx)
		if err != nil {
			return Paused{}, err
		}
		n := noted{Pause: p, memo: chat.Memo{Kind: memoPause, Key: p.Key()}}
		if i := slices.IndexFunc(all, func(n noted) bool { return n.memo.Key == p.Key() }); i >= 0 {
			if all[i].Ended.IsZero() {
				out.Pause, out.Already = all[i].Pause, true
				return out, nil
			}
			n.memo = all[i].memo
		}
		out.Pause = p
		if err = d.save(ctx, n); err == nil || !errors.Is(err, store.ErrStale) {
			return out, err
		}
	}
	return Paused{}, fmt.Errorf("pausing %s: %w", name(p.Rule), store.ErrStale)
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
