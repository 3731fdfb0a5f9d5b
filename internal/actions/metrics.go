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

	limited   *prometheus.CounterVec
	open      *prometheus.GaugeVec
	strangers prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		intents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_intents_total",
			Help: "Intents that came to an end, by how: done, deduplicated, held, undone, dry_run, spared or dead.",
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
	m.limited = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "groupguard_rate_refusals_total",
		Help: "Calls that the provider refused for their rate. Each halves the pace for a while.",
	}, []string{"provider", "api"})
	m.open = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "groupguard_breaker_open",
		Help: "1 while a provider does not answer or refuses the credentials: its actions wait, and a call tries now and then.",
	}, []string{"provider"})
	m.strangers = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "groupguard_actions_without_provider_total",
		Help: "Times that an accepted action was met whose provider is not configured in this process. It stays in the queue.",
	})
	reg.MustRegister(m.intents, m.members, m.latency, m.limited, m.open, m.strangers)
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
