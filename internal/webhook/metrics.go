package webhook

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
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
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_webhook_duration_seconds",
			Help:    "Time from a webhook's headers to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2},
		}, []string{"provider"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "groupguard_panics_total",
			Help: "Requests that ended in a panic of ours.",
		}),
	}
	reg.MustRegister(m.requests, m.refused, m.seconds, m.panics)
	return m
}
