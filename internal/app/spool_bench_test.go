package app_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// BenchmarkWebhookIntoSpool sends messages of which each becomes a case, to a bot whose Redis is away and
// to one on the embedded store, round by round. Then Redis comes back, and what waits is judged.
func BenchmarkWebhookIntoSpool(b *testing.B) {
	const rules = `version: 1
rules:
  - {id: all, on: message, mode: enforce, ack: matches-everything, when: {text: {length_over: 1}}, then: [{alert: {}}]}
`
	server := redistest.New(b, "--appendonly", "yes", "--appendfsync", "always")
	off := func(c *config.Config) { c.CAMS, c.DryRun = config.CAMS{}, true }
	spooling := start(b, sim.Options{}, rules, server.URL(), off)
	embedded := start(b, sim.Options{}, rules, "", off)
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano()))) //nolint:gosec // texts
	var spooled, stored, drained time.Duration
	n := 0
	for b.Loop() {
		const batch = 4_000
		server.Kill()
		requests := messages(random, "bot", path(b, spooling), batch, "")
		spooled += drive(b, spooling.app.WebhookAddr(), requests)
		stored += drive(b, embedded.app.WebhookAddr(), messages(random, "bot", path(b, embedded), batch, ""))
		server.Restart(b)
		back := time.Now()
		eventually(b, "nothing waits", func() bool { return spooling.app.Spooled() == 0 })
		drained += time.Since(back)
		n += batch
	}
	b.ReportMetric(float64(n)/spooled.Seconds(), "spooled/s")
	b.ReportMetric(float64(n)/stored.Seconds(), "stored/s")
	b.ReportMetric(float64(n)/drained.Seconds(), "drained/s")
	b.ReportMetric(0, "ns/op")
}
