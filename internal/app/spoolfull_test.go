package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/redistest"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// The spool is full of what only another version can judge.
func TestAFullSpoolRefusesNothingWhileRedisIsThere(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, redistest.Durable(t).URL(), func(c *config.Config) {
		onlyTencent(c)
		c.SpoolMax = 2 * (7 + 128) // two of the entries below
		disk, err := sqlite.OpenSpool(c.DataDir, c.SpoolMax)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := disk.Append(t.Context(), []spool.Entry{{At: time.Now(), Body: []byte(`{"v":9}`)}}); err != nil && disk.Depth().Entries < 2 {
				t.Fatal(err)
			}
		}
		if err := disk.Close(); err != nil {
			t.Fatal(err)
		}
	})
	addGroups(t, r.sim)
	for n := range 10 {
		if status := r.post(t, tencentURL(r, time.Now()), message(n, "赌博")); status != http.StatusOK {
			t.Fatalf("%d, want 200", status)
		}
		if status := r.get(t, "/readyz"); status != http.StatusOK {
			t.Errorf("readyz: %d, want 200", status)
		}
	}
	eventually(t, "bob is removed", func() bool { return !r.sim.World().Has(public, "bob") })
}
