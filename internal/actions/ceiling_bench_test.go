package actions

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// counter is a provider that answers after a round trip and notes when each call came.
type counter struct {
	rtt   time.Duration
	start time.Time
	mu    sync.Mutex // guards calls
	calls []time.Duration
}

func (c *counter) Route(chat.Action) (Route, error) {
	return Route{API: "kick", Max: 100, Rate: 200}, nil
}

func (c *counter) Send(_ context.Context, _ Route, batch []chat.Action) []Outcome {
	c.mu.Lock()
	c.calls = append(c.calls, time.Since(c.start))
	c.mu.Unlock()
	<-time.After(c.rtt)
	return make([]Outcome, len(batch))
}

// BenchmarkCeiling carries out a hundred thousand removals by the wall clock, of one group and of a
// thousand, and reports the share of the ceiling that was reached, the most calls that the provider
// saw in any second (the ceiling is 200), and members per call.
func BenchmarkCeiling(b *testing.B) {
	const members = 100_000
	for _, groups := range []int{1, 1000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			var share, perCall float64
			most, runs := 0, 0
			for b.Loop() {
				q, s := newLeasedQueue(16, 15*time.Second), &counter{rtt: 30 * time.Millisecond, start: time.Now()}
				for i := range members {
					q.add(removal(fmt.Sprint("g", i%groups), fmt.Sprint("m", i)))
				}
				stop := startOn(b, q, s, nil)
				for q.entries() > 0 {
					<-time.After(20 * time.Millisecond)
				}
				stop()
				took := s.calls[len(s.calls)-1] - s.calls[0]
				share += float64(len(s.calls)-1) / took.Seconds() / 200
				perCall += members / float64(len(s.calls))
				most, runs = max(most, mostInAnySecond(s.calls)), runs+1
			}
			b.ReportMetric(share/float64(runs), "of-ceiling")
			b.ReportMetric(float64(most), "calls/window")
			b.ReportMetric(perCall/float64(runs), "members/call")
			b.ReportMetric(0, "ns/op")
		})
	}
}
