package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/heartbeat"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// overheard is a request of a heartbeat.
type overheard struct{ target, body string }

// replicaBeats has another process of the same settings send one beat of each provider to the bot, and
// returns the requests.
func (r *rig) replicaBeats(t *testing.T) []overheard {
	t.Helper()
	var mu sync.Mutex // guards the next line
	var out []overheard
	lines := r.app.HeartLines()
	for i := range lines {
		request := lines[i].Request
		lines[i].Request = func(e *chat.Event) (string, []byte, error) {
			target, body, err := request(e)
			mu.Lock()
			defer mu.Unlock()
			out = append(out, overheard{target, string(body)})
			return target, body, err
		}
	}
	heart := heartbeat.New(heartbeat.Config{
		Every: time.Hour, Lines: lines, Parts: 16, PartOf: func(g chat.Group) int { return store.PartitionOf(g, 16) },
		Metrics: prometheus.NewRegistry(), Log: quiet(),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		heart.Run(ctx, r.app.WebhookAddr())
		close(ended)
	}()
	eventually(t, "the replica's beats are sent", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(out) == len(lines)
	})
	cancel()
	<-ended
	return out
}

// TestARepeatedBeatIsCarriedOutOnce sends the beats of another replica, and repeats them.
func TestARepeatedBeatIsCarriedOutOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, strictRules, redisURL, func(c *config.Config) {
			c.Heartbeat, c.CAMS.RosterInterval = time.Hour, 0 // one beat, at the start
		})
		carriedOut := func(n int) func() bool {
			return func() bool {
				return r.beats(t, "tencent", "carried_out") == n && r.beats(t, "cams", "carried_out") == n
			}
		}
		eventually(t, "the own beats are carried out", carriedOut(1))
		for _, beat := range r.replicaBeats(t) {
			if strings.HasPrefix(beat.target, "/webhook/tencent") && strings.Contains(beat.target+beat.body, r.sim.Options().Tencent.WebhookToken) {
				t.Error("a beat names the token")
			}
			for range 5 { // while it waits, is carried out, and was
				if status := r.post(t, "http://"+r.app.WebhookAddr()+beat.target, beat.body); status != http.StatusOK {
					t.Errorf("repeated: %d", status)
				}
			}
		}
		eventually(t, "those of the replica are carried out", carriedOut(2))
		r.replicaBeats(t) // behind everything that the repetitions may have left
		eventually(t, "two beats of the replica are carried out", carriedOut(3))
		eventually(t, "nothing waits", func() bool {
			series, _ := scrape(t, r)
			return series["groupguard_queue_entries"] == "0"
		})
		if !carriedOut(3)() {
			t.Errorf("%d and %d beats were carried out, want 3 of each", r.beats(t, "tencent", "carried_out"), r.beats(t, "cams", "carried_out"))
		}
		r.wantNothing(t)
	})
}

// TestBeatsShowThatTheStoreIsAway takes Redis away: beats are answered, as events are, and not carried out.
func TestBeatsShowThatTheStoreIsAway(t *testing.T) {
	redis := redistest.Durable(t)
	r := start(t, sim.Options{}, strictRules, redis.URL(), beating)
	r.carriesOut(t, 3)
	redis.Kill()
	eventually(t, "beats are spooled", func() bool {
		series, _ := scrape(t, r)
		return series["groupguard_spool_entries"] != "0"
	})
	before, answered := r.beats(t, "tencent", "carried_out"), r.beats(t, "tencent", "answered")
	eventually(t, "beats are answered", func() bool { return r.beats(t, "tencent", "answered") >= answered+5 })
	if now := r.beats(t, "tencent", "carried_out"); now > before+1 { // one may just have been
		t.Errorf("%d beats were carried out without a store", now-before)
	}
	redis.Restart(t)
	r.carriesOut(t, 10)
	eventually(t, "the spool is empty", func() bool {
		series, _ := scrape(t, r)
		return series["groupguard_spool_entries"] == "0"
	})
	if n := len(r.cases()) + len(r.ended()) + len(r.sim.History()); n > 0 {
		t.Errorf("the beats of the spool came to %d cases, outcomes and calls", n)
	}
}
