package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// noRedis is an address where nothing answers.
const noRedis = "redis://127.0.0.1:1"

// A webhook comes into the spool as it does in an outage, and is given up there.
func TestTheSpoolIsListedByTheBotAndFromItsFolder(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, noRedis, onlyTencent)
	for n, text := range []string{"hello 赌博 secret", "赌博 and secret again"} {
		if status := r.post(t, tencentURL(r, time.Now()), message(n, text)); status != http.StatusOK {
			t.Fatalf("%d, want 200", status)
		}
	}
	if _, err := app.ReadSpool(t.Context(), r.cfg, 0); !errors.Is(err, app.ErrStoreInUse) {
		t.Errorf("while the bot runs: %v, want ErrStoreInUse", err)
	}
	if list := ask[desk.SpoolList](t, r, "GET", "spool", nil); list.Entries != 2 || list.Most != r.cfg.SpoolMax || time.Since(list.Oldest) > patience || len(list.GivenUp) != 0 {
		t.Errorf("what waits: %+v", list)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	giveUpAll(t, r.cfg.DataDir)
	here, err := app.ReadSpool(t.Context(), r.cfg, 0)
	if err != nil || len(here.GivenUp) != 2 || here.More || here.Entries != 0 || !here.Oldest.IsZero() {
		t.Fatalf("from the folder: %+v, %v", here, err)
	}
	g := here.GivenUp[0]
	if g.Group == nil || string(g.Group.ID) != public || g.Member != "bob" || g.Kind != "message" || g.Event == "" || g.Why != "a reason" || g.ID <= here.GivenUp[1].ID {
		t.Errorf("%+v", g)
	}
	r.run(t)
	there := ask[desk.SpoolList](t, r, "GET", "spool", nil)
	if text := listed(t, there); text != listed(t, here) || strings.Contains(text, "secret") {
		t.Errorf("by the bot: %s\nfrom the folder: %s", text, listed(t, here))
	}
	if one := ask[desk.SpoolList](t, r, "GET", "spool?limit=1", nil); len(one.GivenUp) != 1 || !one.More || one.GivenUp[0].ID != g.ID {
		t.Errorf("one of two: %+v", one)
	}
}

// giveUpAll gives up what waits in a folder of a bot that does not run.
func giveUpAll(t *testing.T, dir string) {
	t.Helper()
	disk, err := sqlite.OpenSpool(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := disk.Next(t.Context(), 0, 100, 1<<20)
	for _, e := range entries {
		err = errors.Join(err, disk.GiveUp(t.Context(), e.ID, "a reason"))
	}
	if err := errors.Join(err, disk.Close()); err != nil {
		t.Fatal(err)
	}
}

func listed(t *testing.T, list desk.SpoolList) string {
	t.Helper()
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhereNoSpoolIsItSaysWhy(t *testing.T) {
	for name, row := range map[string]struct {
		redis string
		want  string
	}{
		"embedded store": {"", "there is no spool: the store of this bot is embedded and needs none"},
		"switched off":   {noRedis, "there is no spool: BOT_SPOOL_MAX=0 switches it off"},
	} {
		r := start(t, sim.Options{}, wordRules, row.redis, func(c *config.Config) { c.SpoolMax = 0 })
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.app.AdminAddr()+"/api/v1/spool", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.cfg.AdminToken.Reveal())
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusNotFound || !strings.Contains(string(said), row.want) {
			t.Errorf("%s: %d %s, %v", name, resp.StatusCode, said, err)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := app.ReadSpool(t.Context(), r.cfg, 0); err == nil || !strings.Contains(err.Error(), "there is no spool in "+r.cfg.DataDir) {
			t.Errorf("%s, from the folder: %v", name, err)
		}
	}
}
