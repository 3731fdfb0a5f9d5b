package actions

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// metrics are the dispatcher's. Labels are bounded: providers, intents, outcomes and APIs.
type metrics struct {
	intents *prometheus.CounterVec
	members *prometheus.HistogramVec
	latency *prometheus.HistogramVec

	strangers prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		intents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_intents_total",
			Help: "Intents that came to an end, by how: done, deduplicated, held, dry_run, spared or dead.",
		}, []string{"provider", "intent", "outcome"}),
		members: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_batch_members",
			Help:    "Members, or messages, that one provider call acted on.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500},
		}, []string{"provider", "api"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_removal_latency_seconds",
			Help:    "Time from the webhook to the provider's answer that the member is removed.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"provider"}),
	}
	m.strangers = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "groupguard_actions_without_provider_total",
		Help: "Times that an accepted action was met whose provider is not configured in this process. It stays in the queue.",
	})
	reg.MustRegister(m.intents, m.members, m.latency, m.strangers)
	return m
}

func (m *metrics) ended(s *Settlement) {
	m.intents.WithLabelValues(string(s.Item.Group.Provider), string(s.Item.Intent.Kind), string(s.State)).Inc()
}

// Count counts an intent that ended without the queue: one that was deduplicated at admission, or
// that needs no provider call.
func (d *Dispatcher) Count(p chat.Provider, kind chat.IntentKind, outcome string) {
	d.metrics.intents.WithLabelValues(string(p), string(kind), outcome).Inc()
}
