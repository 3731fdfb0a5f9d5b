package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestWhatIsTakenInTimeTouchesNoDisk(t *testing.T) {
	d := newDisk()
	d.fault = func(string) error { return errDisk }
	r := build(d, &next{}, nil)
	if _, err := r.Handle(t.Context(), []chat.Event{said("g", "1")}); err != nil || len(r.next.ids()) != 1 {
		t.Errorf("%v, judged %v", err, r.next.ids())
	}
}

func TestWhatIsNotTakenInTimeIsJudgedLaterInOrder(t *testing.T) {
	for name, answer := range map[string]func(context.Context) error{
		"away": func(context.Context) error { return errAway },
		"too slow": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"refused for whatever reason": func(context.Context) error { return errOwn },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var back atomic.Bool
				n := &next{answer: func(ctx context.Context, _ []chat.Event) error {
					if back.Load() {
						return nil
					}
					return answer(ctx)
				}}
				r := build(newDisk(), n, nil)
				var want []string
				for i := range 300 {
					want = append(want, fmt.Sprint(i))
					before := time.Now()
					if _, err := r.Handle(t.Context(), []chat.Event{said("g", want[i])}); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(before); took > 800*time.Millisecond || i > 0 && took > 0 {
						t.Fatalf("event %d was answered after %v", i, took)
					}
					if i == 100 {
						r.start(t)
					}
				}
				time.AfterFunc(time.Minute, func() { back.Store(true) })
				time.AfterFunc(2*time.Minute, r.end)
				synctest.Wait()
				<-time.After(3 * time.Minute)
				if got := n.ids(); !slices.Equal(got, want) || len(r.disk.waits()) > 0 {
					t.Errorf("judged %v, waiting %v", got, r.disk.waits())
				}
				if text := r.log.String(); strings.Count(text, "\n") != 2 && name != "refused for whatever reason" || strings.Contains(text, "secret") ||
					!strings.Contains(text, "spooled=300 judged=300 given_up=0") {
					t.Errorf("log: %s", text)
				}
			})
		})
	}
}

func TestNewEventsGoBehindThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := true
		r := build(newDisk(), &next{answer: func(context.Context, []chat.Event) error {
			if away {
				return errAway
			}
			return nil
		}}, nil)
		for i := range 3 {
			if _, err := r.Handle(t.Context(), []chat.Event{said(fmt.Sprint(i), fmt.Sprint(i))}); err != nil {
				t.Fatal(err)
			}
			away = false // the store is back, but the first event waits
		}
		if got := r.disk.waits(); !slices.Equal(got, []string{"0", "1", "2"}) || len(r.next.ids()) > 0 {
			t.Fatalf("waiting %v, judged %v", got, r.next.ids())
		}
		r.start(t)
		synctest.Wait()
		r.end()
		if _, err := r.Handle(t.Context(), []chat.Event{said("0", "3")}); err != nil || !slices.Contains(r.next.ids(), "3") {
			t.Errorf("once nothing waits: %v, judged %v", err, r.next.ids())
		}
	})
}

func TestNothingIsAcceptedThatTheDiskDoesNotTake(t *testing.T) {
	for name, row := range map[string]struct {
		fault error
		told  bool
	}{
		"full":   {ErrFull, false},
		"broken": {errDisk, true},
	} {
		t.Run(name, func(t *testing.T) {
			var told error
			d := newDisk()
			d.fault = func(string) error { return row.fault }
			r := build(d, &next{answer: func(context.Context, []chat.Event) error { return errAway }}, func(c *Config) {
				c.Failed = func(err error) { told = err }
			})
			for range 2 {
				if _, err := r.Handle(t.Context(), []chat.Event{said("g", "1"), said("g", "2")}); !errors.Is(err, row.fault) || !errors.Is(err, errAway) {
					t.Errorf("%v", err)
				}
			}
			if errors.Is(told, row.fault) != row.told || !errors.Is(r.Refusing(), row.fault) || strings.Count(r.log.String(), "503") != 1 {
				t.Errorf("told %v, refusing %v, log %s", told, r.Refusing(), r.log)
			}
			d.fault = nil
			if _, err := r.Handle(t.Context(), []chat.Event{said("g", "3")}); err != nil || r.Refusing() != nil {
				t.Errorf("once it has room: %v, refusing %v", err, r.Refusing())
			}
			want := `# HELP groupguard_spool_events_total Events that were written to the spool, judged from it, refused because it could not take them, or given up.
# TYPE groupguard_spool_events_total counter
groupguard_spool_events_total{outcome="given_up"} 0
groupguard_spool_events_total{outcome="judged"} 0
groupguard_spool_events_total{outcome="refused"} 4
groupguard_spool_events_total{outcome="spooled"} 1
`
			if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), "groupguard_spool_events_total"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhoeverAsksIsAnsweredWithoutAJudgement(t *testing.T) {
	away := true
	r := build(newDisk(), &next{answer: func(context.Context, []chat.Event) error {
		if away {
			return errAway
		}
		return nil
	}}, func(c *Config) {
		c.Unjudged = func(e *chat.Event) chat.Verdict { return chat.Verdict{Block: e.ID == "refused"} }
	})
	asked := func(id string, asks bool) chat.Event {
		e := said("g", id)
		e.Asked = asks
		return e
	}
	got, err := r.Handle(t.Context(), []chat.Event{asked("refused", true), asked("fine", true), asked("refused", false)})
	if err != nil || !slices.Equal(got, []chat.Verdict{{Block: true}, {}, {}}) {
		t.Fatalf("%v, %v", got, err)
	}
	away = false
	r.pass(t.Context())
	for i, want := range []bool{true, true, false} {
		if e := r.next.judged[i]; e.Asked != want || e.Answered != want || e.Refused != got[i].Block {
			t.Errorf("event %d is judged with asked %v, answered %v and refused %v", i, e.Asked, e.Answered, e.Refused)
		}
	}
}

func TestWhoLeavesIsNotSpooled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := build(newDisk(), &next{answer: func(ctx context.Context, _ []chat.Event) error {
		cancel()
		return ctx.Err()
	}}, nil)
	if _, err := r.Handle(ctx, []chat.Event{said("g", "1")}); !errors.Is(err, context.Canceled) || len(r.disk.waits()) > 0 {
		t.Errorf("%v, waiting %v", err, r.disk.waits())
	}
}

func TestMetricNamesAreWellFormed(t *testing.T) {
	none := prometheus.NewRegistry()
	RegisterNone(none)
	for name, reg := range map[string]*prometheus.Registry{"a spool": build(newDisk(), &next{}, nil).reg, "none": none} {
		problems, err := testutil.GatherAndLint(reg)
		n, _ := testutil.GatherAndCount(reg)
		if err != nil || len(problems) > 0 || n != 8 {
			t.Errorf("%s: %d series, %v, %v", name, n, problems, err)
		}
	}
}

func TestWhatTheRunBeforeLeftIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		fillDisk(t, d, "g", "1", "2")
		r := build(d, &next{}, nil)
		if _, err := r.Handle(t.Context(), []chat.Event{said("g", "3")}); err != nil { // before Run
			t.Fatal(err)
		}
		r.start(t)
		synctest.Wait()
		r.end()
		if text := r.log.String(); !strings.Contains(text, "run before wait on disk\" entries=2\n") || !strings.Contains(text, "spooled=3 judged=3") {
			t.Errorf("log: %s", text)
		}
	})
}
