package guard

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/series"
)

// metrics are the guard's. Labels are the rules in force.
type metrics struct {
	trips  *series.Counters
	paused *prometheus.GaugeVec
	shown  map[chat.RuleID]bool // rules with a gauge; changed by whoever reads the store
}

// mostGone is how many rules that are not enforced any more keep the count of their brake.
const mostGone = 10

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		trips: series.New(prometheus.CounterOpts{
			Name: "groupguard_brake_trips_total",
			Help: "Times that a rule wanted more removals than its brake allows, or to dissolve a second group.",
		}, []string{"rule"}, mostGone),
		paused: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "groupguard_rule_paused",
			Help: "In how many places an enforced rule is paused: groups, and everywhere counts as one.",
		}, []string{"rule"}),
		shown: map[chat.RuleID]bool{},
	}
	reg.MustRegister(m.trips, m.paused)
	return m
}

// show sets the gauges of the rules in force, and takes away those of others. Who calls it takes turns.
func (m *metrics) show(s *snapshot, rules *policy.Rules) {
	places := map[chat.RuleID]int{}
	for at := range s.holding {
		places[at.rule]++
	}
	gone := m.shown
	m.shown = map[chat.RuleID]bool{}
	// Rules that do not act yet are counted from 0 as well: one that begins to act may trip before the next
	// scrape, and nobody would see the first trip of a counter that came with it.
	var known [][]string
	for _, info := range rules.Infos() {
		known = append(known, []string{string(info.ID)})
		if info.Mode != policy.ModeEnforce {
			continue
		}
		m.paused.WithLabelValues(string(info.ID)).Set(float64(places[info.ID] + places[""]))
		m.shown[info.ID] = true
		delete(gone, info.ID)
	}
	for id := range gone {
		m.paused.DeleteLabelValues(string(id))
	}
	m.trips.Keep(known)
}
