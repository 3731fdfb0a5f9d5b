package dashboards

import (
	"testing"
	"time"
)

// endureOutage takes Redis away and gives it back: what the alerts on it ask finds the one and then the other.
// The heartbeat goes on meanwhile, into the spool.
func endureOutage(t *testing.T, bots fleet, prom server) {
	ask := map[string]string{"spooled": `groupguard_spool_entries > 0`}
	for _, a := range alerts(t) {
		ask[a.Alert] = a.Expr
	}
	signs := []string{"GroupguardStoreUnreachable", "GroupguardStoreErrors", "spooled"}
	found := func(name string, want bool) bool {
		series, _, err := prom.values(ask[name])
		return err == nil && series > 0 == want
	}
	bots.quiet()
	if !found("GroupguardStoreUnreachable", false) || !found("spooled", false) {
		t.Error("something is found before Redis is away")
	}
	bots.redis.Kill()
	for _, name := range signs {
		if !until(t, time.Minute, func() bool { return found(name, true) }) {
			t.Errorf("%s does not see that Redis is away", name)
		}
	}
	bots.redis.Restart(t)
	for _, name := range []string{"GroupguardStoreUnreachable", "spooled"} {
		if !until(t, time.Minute, func() bool { return found(name, false) }) {
			t.Errorf("%s does not see that Redis is back", name)
		}
	}
}
