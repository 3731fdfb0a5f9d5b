package provider

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// maxCodes is how many codes of one API have a series of their own. A provider answers with a handful;
// what comes beyond counts as "other", so that no answer can make series without bound. The codes of
// success, "0" and "OK", always have theirs: nobody may see them as failures because they came late.
const maxCodes = 12

// metrics are those of one provider's calls.
type metrics struct {
	requests    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	members     *prometheus.HistogramVec
	limit       prometheus.Gauge
	credentials prometheus.Gauge
	refused     atomic.Bool // credentials is 0

	mu    sync.Mutex // guards codes
	codes map[string]map[string]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, name string) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_provider_requests_total",
			Help: "Calls to a provider by API and by the provider's answer code.",
		}, []string{"api", "code"}),
		// From a near region to the times after which Tencent and the client give up (3 s, 8 s).
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_provider_request_duration_seconds",
			Help:    "Time until a provider's answer was read whole, or the call failed.",
			Buckets: []float64{.1, .3, 1, 3, 8},
		}, []string{"api"}),
		// The bounds are one, and what the APIs take at most.
		members: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_batch_members",
			Help:    "Members, or messages, that one call against members named, where the API takes several.",
			Buckets: []float64{1, 8, 10, 20, 100, 500},
		}, []string{"api"}),
		limit: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "groupguard_calls_per_second_limit",
			Help: "Most calls a second that are made of each API of a provider, by all replicas together.",
		}),
		credentials: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "groupguard_credentials_ok",
			Help: "1, or 0 while a provider refuses the credentials (or Tencent what their account may do), or while none can be had.",
		}),
		codes: map[string]map[string]prometheus.Counter{},
	}
	m.credentials.Set(1)
	prometheus.WrapRegistererWith(prometheus.Labels{"provider": name}, reg).
		MustRegister(m.requests, m.seconds, m.members, m.limit, m.credentials)
	return m
}

// Count counts a call under the code that it was answered with; "error" when there was no answer.
// A code that does not look like one (over 64 bytes, or odd characters), or that comes after many
// others and is not one of success, counts as "other".
func (c *Caller) Count(api, code string) {
	m := c.metrics
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.codes[api]
	if known == nil {
		known = map[string]prometheus.Counter{}
		m.codes[api] = known
	}
	code = label(code)
	if known[code] == nil {
		if len(known) >= maxCodes && code != "0" && code != "OK" {
			code = otherCode
		}
		known[code] = m.requests.WithLabelValues(api, code)
	}
	known[code].Inc()
}

// Batch measures a call against so many members, or messages.
func (c *Caller) Batch(api string, members int) {
	c.metrics.members.WithLabelValues(api).Observe(float64(members))
}

// Limit shows how many calls a second are made of each API at most.
func (c *Caller) Limit(callsPerSecond int) { c.metrics.limit.Set(float64(callsPerSecond)) }

// Trusted notes that the provider took the credentials of a call.
func (c *Caller) Trusted() {
	c.metrics.credentials.Set(1)
	c.metrics.refused.Store(false)
}

// Refused notes that the provider refused the credentials of a call, or (Tencent) what their account may
// do, or that there were none to call with.
func (c *Caller) Refused() {
	c.metrics.credentials.Set(0)
	c.metrics.refused.Store(true)
}

// IsRefused tells whether Refused was the last that was noted of the credentials.
func (c *Caller) IsRefused() bool { return c.metrics.refused.Load() }

// otherCode is the label of codes that have no series of their own.
const otherCode = "other"

func label(code string) string {
	if code == "" || len(code) > 64 {
		return otherCode
	}
	if _, err := strconv.Atoi(code); err == nil {
		return code
	}
	for _, r := range code {
		if r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return otherCode
		}
	}
	return code
}
