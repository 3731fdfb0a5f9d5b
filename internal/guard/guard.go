package guard

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// Store keeps what all replicas have to know.
type Store interface {
	// Observe adds looks to their windows and answers them, in order. It is idempotent.
	Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error)
	// Memos returns the memos of a kind that have not expired.
	Memos(ctx context.Context, kind string) ([]chat.Memo, error)
	// SaveMemo stores a memo one version above the stored one, or fails.
	SaveMemo(ctx context.Context, m chat.Memo) error
}

// Config is what a Guard is made of.
type Config struct {
	Rules func() *policy.Rules // the rules in force; never nil
	Store Store
	// Size tells how many members a group has; false when that is not known. It is asked often and
	// must answer soon. Nil: it is never known.
	Size    func(ctx context.Context, g chat.Group) (members int, known bool)
	Metrics prometheus.Registerer
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	// Alerted, when not nil, is told of every brake that this process has applied. It must not block.
	Alerted func(Trip)
}

// Trip is a brake that was applied.
type Trip struct {
	Rule   chat.RuleID
	Kind   chat.IntentKind // Remove or Dissolve
	Group  *chat.Group     // nil: the count over all groups
	Count  int             // how many were wanted; at least Limit+1, and not counted far beyond it
	Limit  int             // how many were fine
	Within time.Duration
}

// Guard implements actions.Guard. It is safe for concurrent use.
type Guard struct {
	cfg     Config
	metrics *metrics

	begun   atomic.Uint64 // how many readings of the store have begun
	last    atomic.Pointer[snapshot]
	reading chan struct{} // holds a token while nobody reads

	trust trust
}

var _ actions.Guard = (*Guard)(nil)

// New returns a Guard and registers its metrics. Call Run once.
func New(c Config) *Guard {
	if c.Now == nil {
		c.Now = time.Now
	}
	g := &Guard{cfg: c, metrics: newMetrics(c.Metrics), reading: make(chan struct{}, 1)}
	g.trust.turn = make(chan struct{}, 1)
	g.reading <- struct{}{}
	g.trust.turn <- struct{}{}
	return g
}

// Still rules by what was read last and by the rules in force. It asks nobody, so it knows of no
// brake: what Admit let go is counted already, and a pause that a brake made after it is for what came
// later.
func (g *Guard) Still(a *chat.Action) actions.Ruling {
	return standing(g.last.Load(), g.cfg.Rules(), a, chat.PausedByBrake)
}

// Paused tells whether a rule is paused in a group, as of the last reading.
func (g *Guard) Paused(rule chat.RuleID, in chat.Group) bool {
	return g.last.Load().paused(rule, in, "", time.Time{}) != nil
}

// standing rules on an action by all but the brake, and by no pause of whom it names. What undoes others
// always goes: it harms nobody.
func standing(s *snapshot, rules *policy.Rules, a *chat.Action, but string) actions.Ruling {
	rule := a.Intent.Rule
	if a.Intent.Kind.Restores() || harmless(a) {
		return actions.Ruling{}
	}
	if s.undone(a) {
		return actions.Ruling{State: actions.Void, Code: "undone", Text: "its case was undone before it was carried out"}
	}
	if a.Member != "" && rules.Exempt(a.Group.Provider, a.Member) {
		return actions.Ruling{State: actions.Spared, Code: "exempt", Text: "the rules in force exempt the member"}
	}
	if p := s.paused(rule, a.Group, but, a.Released); p != nil {
		return actions.Ruling{State: actions.Held, Code: "paused", Text: p.text()}
	}
	if !a.Released.IsZero() { // whoever released it knew of the rule
		return actions.Ruling{}
	}
	if _, ok := rules.Enforcement(rule); !ok {
		return actions.Ruling{State: actions.Held, Code: "not_enforced", Text: "rule " + string(rule) + " is not enforced any more"}
	}
	return actions.Ruling{}
}

// harmless tells whether an action is the bot's own heartbeat. It calls nobody, so there is nothing to
// pause, to count or to spare, and its rule is none of the operator's, whatever it is called.
func harmless(a *chat.Action) bool { return a.Group.Provider == chat.Heartbeat }
