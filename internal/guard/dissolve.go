package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// dissolveOnce is the time in which a rule may dissolve one group, whatever its brake says.
const dissolveOnce = 24 * time.Hour

// dissolve rules on dissolutions. The first one of a rule goes; the others are held and not counted, so
// that the first one still goes when a process died and it is ruled on again.
func (b *braking) dissolve(ctx context.Context, claimed []chat.Action, ask []int, rulings []actions.Ruling) error {
	looks := make([]chat.Look, len(ask))
	for i, at := range ask {
		looks[i] = dissolution(&claimed[at], b.now)
		looks[i].Peek = true
	}
	counts, err := b.counts(ctx, looks)
	if err != nil {
		return err
	}
	gone, tripped := map[chat.RuleID]bool{}, map[chat.RuleID]bool{}
	for i, at := range ask {
		a, n := &claimed[at], counts[i][0]
		if n <= 1 && !gone[a.Intent.Rule] {
			gone[a.Intent.Rule] = true
			added, err := b.counts(ctx, []chat.Look{dissolution(a, b.now)})
			if err != nil {
				return err
			}
			n = added[0][0]
		} else {
			n = 2
		}
		if n <= 1 {
			continue
		}
		rulings[at] = actions.Ruling{
			State: actions.Held, Code: "brake",
			Text: "rule " + string(a.Intent.Rule) + " has dissolved a group within " + dissolveOnce.String(),
		}
		if !tripped[a.Intent.Rule] {
			tripped[a.Intent.Rule] = true
			b.trips = append(b.trips, Trip{Rule: a.Intent.Rule, Kind: chat.Dissolve, Count: n, Limit: 1, Within: dissolveOnce})
		}
	}
	return nil
}

// dissolution returns the look that counts a dissolution as itself.
func dissolution(a *chat.Action, now time.Time) chat.Look {
	return chat.Look{
		Event: chat.EventID(chat.Digest("dissolve", string(a.ID))), Group: a.Group, Kind: chat.Message, At: now,
		Windows: []chat.Window{{ID: "dissolve " + string(a.Intent.Rule), Key: "everywhere", Limit: 2, Within: dissolveOnce}},
	}
}

// counts asks the store, at most mostLooks at a time.
func (b *braking) counts(ctx context.Context, looks []chat.Look) ([][]int, error) {
	var out [][]int
	for len(looks) > 0 {
		n := min(len(looks), mostLooks)
		facts, err := b.g.cfg.Store.Observe(ctx, looks[:n])
		if err != nil {
			return nil, fmt.Errorf("counting %d removals: %w", n, err)
		}
		if len(facts) != n {
			return nil, fmt.Errorf("counting %d removals: %d answers", n, len(facts))
		}
		for i := range facts {
			if len(facts[i].Counts) != len(looks[i].Windows) {
				return nil, fmt.Errorf("counting a removal in %d windows: %d answers", len(looks[i].Windows), len(facts[i].Counts))
			}
			out = append(out, facts[i].Counts)
		}
		looks = looks[n:]
	}
	return out, nil
}
