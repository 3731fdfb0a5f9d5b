package pipeline

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/series"
)

// mostGone is how many rules that left, or changed their mode, keep their count.
const mostGone = 10

// matches counts events by the rules that fit them. The rules in force have a series before they fit
// anything: each scrape looks which they are.
type matches struct {
	*series.Counters
	rules func() *policy.Rules
	turn  sync.Mutex                   // held while the counters follow
	seen  atomic.Pointer[policy.Rules] // whose the counters are; changed by who has the turn
}

func newMatches(rules func() *policy.Rules) *matches {
	return &matches{rules: rules, Counters: series.New(prometheus.CounterOpts{
		Name: "groupguard_rule_matches_total",
		Help: "Events that a rule fits, by the rule and its mode.",
	}, []string{"rule", "mode"}, mostGone)}
}

// follow makes the counters those of the rules.
func (m *matches) follow(rules *policy.Rules) {
	if m.seen.Load() != rules {
		m.catchUp(rules)
	}
}

// catchUp follows when its turn has come, unless somebody else has done so by then: in a raid,
// hundreds of deliveries see new rules at the same time.
func (m *matches) catchUp(rules *policy.Rules) {
	m.turn.Lock()
	defer m.turn.Unlock()
	if m.seen.Load() == rules {
		return
	}
	var judging [][]string
	for _, info := range rules.Infos() {
		if info.Mode != policy.ModeOff {
			judging = append(judging, []string{string(info.ID), info.Mode})
		}
	}
	m.Keep(judging)
	m.seen.Store(rules)
}

// Collect implements prometheus.Collector.
func (m *matches) Collect(ch chan<- prometheus.Metric) {
	m.follow(m.rules())
	m.Counters.Collect(ch)
}
