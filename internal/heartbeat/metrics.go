package heartbeat

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// metrics are the heart's. A heart that does not beat shows its interval only.
type metrics struct {
	beats *prometheus.CounterVec
	last  *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer, every time.Duration) *metrics {
	m := &metrics{
		beats: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_heartbeats_total",
			Help: "Heartbeats by how far they came: sent to the own webhook port, answered with success, carried out by this process, or failed.",
		}, []string{"provider", "outcome"}),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "groupguard_heartbeat_last_success_timestamp_seconds",
			Help: "When the last heartbeat was sent that was answered, or carried out, here; the start of the process before the first.",
		}, []string{"provider", "stage"}),
	}
	interval := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "groupguard_heartbeat_interval_seconds",
		Help: "Time between two heartbeats of a provider; 0 when there are none.",
	})
	interval.Set(every.Seconds())
	reg.MustRegister(m.beats, m.last, interval)
	return m
}

// series are those of one line.
type series struct {
	sent, failed      prometheus.Counter
	answered, carried stage
}

// of makes the series of a line, from zero and from now.
func (m *metrics) of(p chat.Provider, now time.Time) series {
	count := func(outcome string) prometheus.Counter { return m.beats.WithLabelValues(string(p), outcome) }
	reached := func(name string) stage {
		s := stage{count: count(name), last: m.last.WithLabelValues(string(p), name), latest: &latest{at: now}}
		s.last.Set(seconds(now))
		return s
	}
	return series{sent: count("sent"), failed: count("failed"), answered: reached("answered"), carried: reached("carried_out")}
}

// stage is one that beats reach.
type stage struct {
	count  prometheus.Counter
	last   prometheus.Gauge
	latest *latest
}

// latest guards the newest time.
type latest struct {
	mu sync.Mutex
	at time.Time
}

// reached counts a beat that was sent at a time. Beats of other processes may come in any order, and by
// another clock.
func (s *stage) reached(sent, now time.Time) {
	s.count.Inc()
	if sent.After(now) {
		sent = now
	}
	s.latest.mu.Lock()
	defer s.latest.mu.Unlock()
	if sent.After(s.latest.at) {
		s.latest.at = sent
		s.last.Set(seconds(sent))
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
