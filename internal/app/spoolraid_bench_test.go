package app_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// BenchmarkRaidOutOfSpool restarts Redis in the middle of a raid that goes on, and tells how the bot comes
// out of its spool.
func BenchmarkRaidOutOfSpool(b *testing.B) {
	const rules = `version: 1
rules:
  - {id: flood, on: message, mode: enforce, when: {count: {messages: 1000, within: 1m}}, then: [{remove: {}}]}
`
	const batch = 10_000
	server := redistest.New(b, "--appendonly", "yes", "--appendfsync", "always")
	r := start(b, sim.Options{}, rules, server.URL(), func(c *config.Config) { c.CAMS, c.DryRun = config.CAMS{}, true })
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // texts
	raid := func(n int) float64 {
		return float64(n) / drive(b, r.app.WebhookAddr(), messages(random, "bot", path(b, r), n, "")).Seconds()
	}
	for b.Loop() {
		b.Logf("before: %.0f/s", raid(2*batch))
		server.Kill()
		raid(batch)
		server.Restart(b)
		for range 8 {
			waited, began := r.app.Spooled(), time.Now()
			rate := raid(batch)
			left := r.app.Spooled()
			b.Logf("after the restart: %.0f/s taken, waiting %d -> %d, judged %.0f/s", rate, waited, left, float64(waited+batch-left)/time.Since(began).Seconds())
		}
		n, alone := r.app.Spooled(), time.Now()
		eventually(b, "nothing waits", func() bool { return r.app.Spooled() == 0 })
		b.Logf("without load: %d in %v", n, time.Since(alone))
	}
}
