package webhook

import (
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_webhook_requests_total",
			Help: "Webhook requests, by what was delivered and how the request ended.",
		}, []string{"provider", "event", "outcome"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_webhook_refused_total",
			Help: "Webhook requests that did not authenticate, by reason.",
		}, []string{"provider", "reason"}),
		// Among the bounds are the times after which an event goes to the spool (0.8 s), after which it
		// is refused (1.5 s), and for which Tencent waits (2 s).
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_webhook_duration_seconds",
			Help:    "Time from a webhook's headers to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .1, .25, .8, 1.5, 2},
		}, []string{"provider"}),
	}
	reg.MustRegister(m.requests, m.refused, m.seconds)
	return m
}

// counts are the metrics of one codec's requests, looked up once.
type counts struct {
	provider string
	requests *prometheus.CounterVec
	accepted map[string]prometheus.Counter // by event
	seconds  prometheus.Observer
}

// of makes the series of a codec that are known before anything happens.
func (m *metrics) of(codec Codec) *counts {
	name := string(codec.Provider())
	c := &counts{provider: name, requests: m.requests, accepted: map[string]prometheus.Counter{}, seconds: m.seconds.WithLabelValues(name)}
	if l, ok := codec.(Labelled); ok {
		events, reasons := l.Labels()
		for _, event := range events {
			c.accepted[event] = m.requests.WithLabelValues(name, event, accepted)
		}
		for _, reason := range reasons {
			m.refused.WithLabelValues(name, reason)
		}
	}
	return c
}

// ended counts a request.
func (c *counts) ended(event, outcome string) {
	if n := c.accepted[event]; n != nil && outcome == accepted {
		n.Inc()
		return
	}
	c.requests.WithLabelValues(c.provider, event, outcome).Inc()
}
