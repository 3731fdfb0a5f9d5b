package tencent

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxSkew is the most that is taken for a skew: a clock that is set for another time zone. A signature does
// not expire, so that an old request, found in somebody's log, has a right one as well.
const maxSkew = 12 * time.Hour

// skew shows how far our clock is from that of the requests that bear the right signature. Nobody else
// can move it, but who sends an old one again. It has no value before the first of them.
type skew struct {
	vec   *prometheus.GaugeVec
	first sync.Once
	gauge prometheus.Gauge // set by first
}

func newSkew(reg prometheus.Registerer) *skew {
	s := &skew{vec: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "groupguard_clock_skew_seconds",
		Help: "How far our clock was ahead of the time in the last webhook with a right signature, let in or not; negative: behind.",
	}, []string{"provider"})}
	if reg != nil {
		reg.MustRegister(s.vec)
	}
	return s
}

// show sets the value. The time of a request has no fraction, so that up to a second of it is no skew.
func (s *skew) show(ahead time.Duration) {
	if ahead.Abs() > maxSkew {
		return
	}
	s.first.Do(func() { s.gauge = s.vec.WithLabelValues(string(chat.Tencent)) })
	s.gauge.Set(ahead.Seconds())
}
