package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

const (
	admitTrials = 3 // pauses may change while an Admit is under way
	// mostPauses is how many pauses there may be before a brake pauses a rule everywhere instead of in
	// one more group: half of what a store holds, so that there is always room for one.
	mostPauses = 10_000
)

// errChanging says that pauses change faster than they can be read.
var errChanging = errors.New("pauses keep changing")

// Admit implements actions.Guard. Removals that it lets go are counted, each member once, at the time
// when it is first asked about.
func (g *Guard) Admit(ctx context.Context, claimed []chat.Action) ([]actions.Ruling, error) {
	if len(claimed) == 0 {
		return nil, nil
	}
	for range admitTrials {
		rulings, sure, err := g.admit(ctx, claimed)
		if err != nil {
			return nil, err
		}
		if sure {
			return rulings, nil
		}
	}
	return nil, errChanging
}

// admit rules once; not sure when a brake was judged by what is out of date.
func (g *Guard) admit(ctx context.Context, claimed []chat.Action) (rulings []actions.Ruling, sure bool, err error) {
	s, err := g.fresh(ctx)
	if err != nil {
		return nil, false, err
	}
	b := &braking{
		g: g, seen: s, rules: g.cfg.Rules(), now: g.cfg.Now(),
		brakes: map[chat.RuleID]policy.Brake{}, scopes: map[place]*scope{},
	}
	rulings = make([]actions.Ruling, len(claimed))
	var removals, dissolutions []int
	for i := range claimed {
		a := &claimed[i]
		rulings[i] = standing(s, b.rules, a, "")
		switch {
		case rulings[i].Stops() || !a.Released.IsZero() || harmless(a):
		case a.Intent.Kind == chat.Remove:
			removals = append(removals, i)
		case a.Intent.Kind == chat.Dissolve:
			dissolutions = append(dissolutions, i)
		}
	}
	if err := b.brake(ctx, claimed, removals, rulings); err != nil {
		return nil, false, err
	}
	if sure, err := b.stop(ctx); err != nil || !sure {
		return nil, false, err
	}
	if err := b.dissolve(ctx, claimed, dissolutions, rulings); err != nil {
		return nil, false, err
	}
	for _, t := range b.trips {
		b.g.alert(t)
	}
	return rulings, true, nil
}

// stop pauses what is past its brake. It is not sure when somebody lifted the pause of the same place
// meanwhile: then the count must begin anew.
func (b *braking) stop(ctx context.Context) (sure bool, err error) {
	for _, s := range b.order {
		switch {
		case !s.tripped():
			continue
		case s.group != (chat.Group{}) && len(b.seen.pauses) >= mostPauses:
			s.group = chat.Group{}
		}
		if all := b.scopes[place{rule: s.rule}]; all != nil && all != s && all.tripped() {
			continue // the pause everywhere is enough
		}
		if sure, err := b.pause(ctx, s); err != nil || !sure {
			return false, err
		}
	}
	return true, nil
}

// pause stores the pause that follows from a scope, unless there is one.
func (b *braking) pause(ctx context.Context, s *scope) (sure bool, err error) {
	p := s.pause(b.now)
	key := (*chat.Pause)(&p).Key()
	body, err := json.Marshal(p)
	if err != nil {
		return false, err
	}
	m := chat.Memo{Kind: chat.MemoPause, Key: key, Version: b.seen.pauses[key].memo.Version + 1, Body: body, Expires: b.now.Add(keepPause)}
	failed := b.g.cfg.Store.SaveMemo(ctx, m)
	if failed == nil {
		b.g.alert(s.trip())
		if err := b.g.refresh(ctx); err != nil {
			// Until it is read, what the rule wants is past its brake all the same.
			b.g.cfg.Log.Debug("reading pauses after one was stored", "rule", s.rule, "error", err)
		}
		return true, nil
	}
	if err := b.g.refresh(ctx); err != nil {
		return false, err
	}
	now := b.g.last.Load().pauses[key]
	switch {
	case now.value != nil && now.value.Ended.IsZero():
		return true, nil // somebody else was faster
	case now.memo.Version != m.Version-1:
		return false, nil
	}
	return false, fmt.Errorf("pausing rule %q past its brake: %w", s.rule, failed)
}

// alert tells of a brake that was applied.
func (g *Guard) alert(t Trip) {
	g.metrics.trips.WithLabelValues(string(t.Rule)).Inc()
	log := g.cfg.Log.With("rule", t.Rule, "kind", t.Kind, "count", t.Count, "limit", t.Limit, "within", t.Within)
	if t.Group != nil {
		log = log.With("provider", t.Group.Provider, "group", t.Group.ID)
	}
	if t.Kind == chat.Dissolve {
		log.Error("a rule wants to dissolve more than one group: held")
	} else {
		log.Error("a rule is past its brake: paused until somebody lifts it")
	}
	if g.cfg.Alerted != nil {
		g.cfg.Alerted(t)
	}
}
