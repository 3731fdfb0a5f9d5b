package actions

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// metrics are the dispatcher's. Labels are bounded: providers, intents, outcomes and APIs.
//
// Held is not the last that is counted of an intent: once it is released it ends otherwise.
type metrics struct {
	intents *prometheus.CounterVec
	latency *prometheus.HistogramVec

	limited   *prometheus.CounterVec
	open      *prometheus.GaugeVec
	strangers prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		intents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_intents_total",
			Help: "Intents by what became of them: done, deduplicated, held, undone, dry_run, spared or dead.",
		}, []string{"provider", "intent", "outcome"}),
		// From a call that follows at once to what waits in a raid or for a provider that is away.
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_removal_latency_seconds",
			Help:    "Time from the webhook to the provider's answer that the member is removed, with all retries; not of what was held.",
			Buckets: []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 900},
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
	reg.MustRegister(m.intents, m.latency, m.limited, m.open, m.strangers)
	return m
}

// begin makes the series of an account that are known before anything happens: all of removals, and of
// other actions those that are given up. A quiet account has removals alone, which end in one way.
func (m *metrics) begin(p chat.Provider, a Account) {
	m.open.WithLabelValues(string(p)).Set(0)
	known := map[chat.IntentKind][]State{chat.Remove: {Done}}
	if !a.Quiet {
		m.latency.WithLabelValues(string(p))
		known[chat.Remove] = []State{Done, Spared, DryRun, Dead, Held, Void, deduplicated}
		known[chat.Block], known[chat.Alert] = []State{Done}, []State{Done}
		for _, kind := range []chat.IntentKind{chat.Mute, chat.Recall, chat.Warn, chat.Lockdown, chat.Dissolve} {
			known[kind] = []State{Dead}
		}
	}
	for kind, states := range known {
		for _, state := range states {
			m.intents.WithLabelValues(string(p), string(kind), string(state))
		}
	}
}

// deduplicated is how an intent ends that never came into the queue.
const deduplicated State = "deduplicated"

// removed measures a removal. The time of one that an operator released is the operator's.
func (m *metrics) removed(l *lane, a *chat.Action, at time.Time) {
	if a.Received.IsZero() || !a.Released.IsZero() || l.account.Quiet {
		return
	}
	m.latency.WithLabelValues(string(l.provider)).Observe(at.Sub(a.Received).Seconds())
}

func (m *metrics) ended(s *Settlement) {
	m.intents.WithLabelValues(string(s.Item.Group.Provider), string(s.Item.Intent.Kind), string(s.State)).Inc()
}

// Count counts an intent that ended without the queue: one that was deduplicated at admission, or
// that needs no provider call.
func (d *Dispatcher) Count(p chat.Provider, kind chat.IntentKind, outcome string) {
	d.metrics.intents.WithLabelValues(string(p), string(kind), outcome).Inc()
}
