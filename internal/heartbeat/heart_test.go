package heartbeat

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	beatsTotal  = "groupguard_heartbeats_total"
	lastSuccess = "groupguard_heartbeat_last_success_timestamp_seconds"
	interval    = "groupguard_heartbeat_interval_seconds"
)

// counts spells the series of one provider.
func counts(p string, sent, answered, carriedOut, failed int) string {
	line := beatsTotal + `{outcome="%s",provider="` + p + `"} %d` + "\n"
	return fmt.Sprintf(line, "answered", answered) + fmt.Sprintf(line, "carried_out", carriedOut) +
		fmt.Sprintf(line, "failed", failed) + fmt.Sprintf(line, "sent", sent)
}

// begin lets the heart beat; the func ends it.
func (r *rig) begin(t *testing.T) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		r.Run(ctx, "127.0.0.1:8080")
		close(ended)
	}()
	synctest.Wait()
	return func() {
		cancel()
		<-ended
	}
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestABeatAtOnceAndOneEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, time.Minute, 4, lineTo(chat.Tencent, "1400000000", secret), lineTo(chat.CAMS, "cams-1", secret))
		r.metrics(t, beatsTotal, counts("cams", 0, 0, 0, 0)+counts("tencent", 0, 0, 0, 0))
		r.metrics(t, interval, interval+" 60\n")
		start := time.Now()
		end := r.begin(t)
		if n := len(r.sent()); n != 2 {
			t.Errorf("%d beats at once, want one of each provider", n)
		}
		pass(8 * time.Minute)
		end()
		ids, groups := map[chat.EventID]bool{}, map[chat.GroupID]int{}
		for _, s := range r.sent() {
			if s.at.Sub(start)%time.Minute != 0 || !s.event.At.Equal(s.at) {
				t.Errorf("a beat of %v after %v", s.event.At, s.at.Sub(start))
			}
			ids[s.event.ID] = true
			own, ok := r.Own(&s.event)
			if !ok || own.Provider != chat.Heartbeat || own.ID != s.event.ID || own.Member != s.event.Member || own.Text != text {
				t.Errorf("a beat is %+v behind the webhook, %v", own, ok)
			}
			groups[own.Group.ID]++
		}
		if len(ids) != 18 || len(groups) != 8 {
			t.Errorf("%d beats in %d groups, want 18 in 4 of each provider", len(ids), len(groups))
		}
		for g, n := range groups {
			if n < 2 || n > 3 {
				t.Errorf("%d beats in %s: they do not take turns", n, g)
			}
		}
		r.metrics(t, beatsTotal, counts("cams", 9, 9, 0, 0)+counts("tencent", 9, 9, 0, 0))
		if log := r.log.String(); log != "" {
			t.Errorf("logged %s", log)
		}
		pass(time.Hour)
		if n := len(r.sent()); n != 18 {
			t.Errorf("%d beats came after the end", n-18)
		}
	})
}

func TestAHeartThatIsOffShowsOnlyThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, 0, 4, lineTo(chat.Tencent, "1", secret))
		r.Run(t.Context(), "127.0.0.1:8080")
		r.CarriedOut(&chat.Action{Group: r.lines[0].groups[0], EventAt: time.Now()})
		if n := len(r.sent()); n != 0 {
			t.Errorf("%d beats", n)
		}
		r.metrics(t, beatsTotal, "")
		r.metrics(t, lastSuccess, "")
		r.metrics(t, interval, interval+" 0\n")
		// A beat that another process sent, or this one before a restart, is known all the same.
		if _, ok := r.Own(beatOf(r.lines[0], 1, time.Now())); !ok {
			t.Error("a beat is not known")
		}
	})
}

func TestFailuresAreCountedAndLoggedOnceForEachChange(t *testing.T) {
	for _, test := range []struct {
		name string
		meet func(*http.Request) (*http.Response, error)
		says string
	}{
		{"nobody listens", refuse, "connection refused"},
		{"not let in", func(*http.Request) (*http.Response, error) { return status(http.StatusUnauthorized), nil }, "Unauthorized"},
		{"not stored", func(*http.Request) (*http.Response, error) { return status(http.StatusServiceUnavailable), nil }, "Service Unavailable"},
		{"redirected", func(*http.Request) (*http.Response, error) { return status(http.StatusFound), nil }, "Found"},
		{"no answer", hang, "context deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t, 10*time.Second, 4, lineTo(chat.Tencent, "1", secret))
				start := time.Now()
				defer r.begin(t)()
				pass(20 * time.Second)
				r.becomes(test.meet)
				pass(time.Minute)
				r.becomes(nil)
				pass(20 * time.Second)
				r.metrics(t, beatsTotal, counts("tencent", 11, 5, 0, 6))
				for i, s := range r.sent() {
					if s.at.Sub(start) != time.Duration(i)*10*time.Second {
						t.Errorf("beat %d after %v: it waited for another one", i, s.at.Sub(start))
					}
				}
				log := r.log.String()
				if strings.Count(log, "level=WARN") != 1 || strings.Count(log, "\n") != 2 || !strings.Contains(log, test.says) {
					t.Errorf("logged\n%s", log)
				}
				if strings.Contains(log, secret) || strings.Contains(log, r.lines[0].prefix) {
					t.Errorf("a secret was logged:\n%s", log)
				}
			})
		})
	}
}

func TestTheLastSuccessIsTheStartUntilThereIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown := func(answered, carriedOut time.Time) string {
			line := lastSuccess + `{provider="tencent",stage="%s"} %v` + "\n"
			return fmt.Sprintf(line, "answered", seconds(answered)) + fmt.Sprintf(line, "carried_out", seconds(carriedOut))
		}
		start := time.Now()
		r := build(t, 10*time.Second, 4, lineTo(chat.Tencent, "1", secret))
		r.becomes(refuse)
		defer r.begin(t)()
		pass(30 * time.Second)
		r.metrics(t, lastSuccess, shown(start, start))
		r.becomes(nil)
		pass(10 * time.Second)
		answered := start.Add(40 * time.Second)
		r.metrics(t, lastSuccess, shown(answered, start))
		group := r.lines[0].groups[2]
		r.CarriedOut(&chat.Action{Group: group, EventAt: start.Add(20 * time.Second)})
		r.CarriedOut(&chat.Action{Group: group, EventAt: start.Add(10 * time.Second)}) // an older one comes later
		r.metrics(t, lastSuccess, shown(answered, start.Add(20*time.Second)))
		r.CarriedOut(&chat.Action{Group: group, EventAt: start.Add(time.Hour)}) // by a clock that is ahead
		r.metrics(t, lastSuccess, shown(answered, start.Add(40*time.Second)))
		r.metrics(t, beatsTotal, counts("tencent", 5, 1, 3, 4))
		for name, other := range map[string]chat.Group{
			"of a provider":       {Provider: chat.Tencent, Account: "1", ID: group.ID},
			"of another account":  {Provider: chat.Heartbeat, Account: "2", ID: group.ID},
			"of another provider": {Provider: chat.Heartbeat, Account: "1", ID: "cams-1"},
		} {
			r.CarriedOut(&chat.Action{Group: other, EventAt: time.Now()})
			r.metrics(t, beatsTotal, counts("tencent", 5, 1, 3, 4))
			if t.Failed() {
				t.Fatalf("an action %s counted", name)
			}
		}
	})
}

func TestABeatOnItsWayMayComeToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, time.Minute, 4, lineTo(chat.Tencent, "1", secret))
		let := make(chan struct{})
		r.becomes(func(*http.Request) (*http.Response, error) {
			<-let
			return status(http.StatusOK), nil
		})
		end := r.begin(t)
		go close(let)
		end()
		r.metrics(t, beatsTotal, counts("tencent", 1, 1, 0, 0))
		if log := r.log.String(); log != "" {
			t.Errorf("logged %s", log)
		}
	})
}

func TestAPortThatClosesAtTheEndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, time.Minute, 4, lineTo(chat.Tencent, "1", secret))
		r.becomes(hang)
		start := time.Now()
		r.begin(t)()
		if took := time.Since(start); took > grace { // as the fake clock counts
			t.Errorf("it took %v to end", took)
		}
		r.metrics(t, beatsTotal, counts("tencent", 1, 0, 0, 0))
		if log := r.log.String(); log != "" {
			t.Errorf("logged %s", log)
		}
	})
}
