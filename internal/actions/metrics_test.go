package actions

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// The latency of a removal runs from its webhook through all retries; what an operator released is left out.
func TestRemovalsAreMeasuredFromTheirWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		tries := 0
		s := &fakeSender{answer: func([]chat.Action, int) Outcome {
			if tries++; tries == 1 {
				return Outcome{Class: Again, Code: "busy", Wait: 20 * time.Second}
			}
			return Outcome{Class: OK}
		}}
		q := newMemoryQueue()
		late, held := removal("g", "late"), removal("h", "held")
		late.Received = time.Now().Add(-time.Minute)
		held.Received, held.Released = time.Now().Add(-time.Hour), time.Now()
		q.add(late)
		defer start(t, q, s, func(c *Config) { c.Metrics = reg })()
		elapse(time.Minute)
		q.add(held)
		elapse(time.Minute)
		synctest.Wait()
		if got := q.end("g/late").State + q.end("h/held").State; got != Done+Done {
			t.Fatalf("ended as %s", got)
		}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() != "groupguard_removal_latency_seconds" {
				continue
			}
			h := f.GetMetric()[0].GetHistogram()
			if h.GetSampleCount() != 1 || h.GetSampleSum() < 80 || h.GetSampleSum() > 100 {
				t.Errorf("measured %d with a sum of %v s, want one of 80 s", h.GetSampleCount(), h.GetSampleSum())
			}
			return
		}
		t.Error("nothing was measured")
	})
}

func TestAPanicInAClientIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		panics, tries := prometheus.NewCounter(prometheus.CounterOpts{Name: "panics"}), 0
		s := &fakeSender{answer: func([]chat.Action, int) Outcome {
			if tries++; tries == 1 {
				panic("bad answer")
			}
			return Outcome{}
		}}
		q := newMemoryQueue()
		defer start(t, q, s, func(c *Config) {
			c.Panics = panics
			c.Accounts[chat.Tencent] = Account{Sender: &unlockedSender{s}, Gate: c.Accounts[chat.Tencent].Gate}
		})()
		q.add(removal("g", "a"))
		elapse(time.Minute)
		synctest.Wait()
		if n := testutil.ToFloat64(panics); n != 1 || q.end("g/a").State != Done {
			t.Errorf("%v panics, ended as %q", n, q.end("g/a").State)
		}
	})
}
