package guard

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// running returns a guard that runs in a bubble, whose clock is the guard's, until the test ends.
func running(t *testing.T, rules string) *bench {
	b := fresh(t, rules)
	b.clock.micros.Store(time.Now().UnixMicro())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return b
}

// wait moves both clocks and lets everybody who has something to do then do it.
func (b *bench) wait(d time.Duration) {
	b.clock.pass(d)
	<-time.After(d)
	synctest.Wait()
}

func TestPausesAreReadEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := running(t, several)
		p := chat.Pause{Rule: "r", By: chat.PausedByOperator, At: b.clock.now()}
		b.put(chat.MemoPause, p.Key(), p, keepPause)
		a := b.want(chat.Remove, "g1", "ann")
		if got := codeOf(b.Still(&a)); got != "goes" {
			t.Fatalf("at once: %s", got)
		}
		b.wait(readEvery)
		if got := codeOf(b.Still(&a)); got != "paused" || !b.Paused("r", groupOf("g1")) {
			t.Errorf("a second later: %s", got)
		}
	})
}

func TestAnOutageIsLoggedOnceAndWhatWasReadHoldsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := running(t, several)
		b.pause("r", nil)
		b.store.fail(chat.MemoPause)
		b.wait(30 * time.Second)
		if n := b.log.count("level=WARN"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		if !b.Paused("r", groupOf("g1")) {
			t.Error("the pause is forgotten")
		}
		b.store.fail()
		b.wait(2 * time.Second)
		if n := b.log.count("level=INFO"); n != 1 {
			t.Errorf("the end of it was logged %d times", n)
		}
	})
}

func TestRulesAreLearnedWhenTheyChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := running(t, braked("{removals: 10, within: 1m}"))
		b.wait(readEvery)
		if b.store.memo(ruleMemo, ruleKey("r")).Version != 1 {
			t.Error("the rules of the start were not learned")
		}
		b.load(strings.Replace(several, "any: true", "count_over: 3", 1))
		b.wait(readEvery)
		if b.store.memo(ruleMemo, ruleKey("r")).Version != 2 {
			t.Error("the new rules were not learned")
		}
		if b.store.memo(ruleMemo, ruleKey("dry")).Version != 0 {
			t.Error("a rule in shadow counts as enforced")
		}
	})
}

func TestAPauseThatHoldsIsRenewed(t *testing.T) {
	b := build(t, several)
	b.pause("r", nil)
	over := chat.Pause{Rule: "dry", Ended: b.clock.now()}
	b.put(chat.MemoPause, over.Key(), over, 24*time.Hour)
	for range 40 { // close to two years
		b.clock.pass(18 * 24 * time.Hour)
		(&watch{}).look(t.Context(), b.Guard)
	}
	if !b.Paused("r", groupOf("g1")) {
		t.Error("a pause that nobody lifted is forgotten")
	}
	if n := b.store.memo(chat.MemoPause, over.Key()).Version; n != 1 {
		t.Errorf("a pause that was lifted was renewed: version %d", n)
	}
}

func TestTheGaugeShowsRulesInForce(t *testing.T) {
	b := build(t, several)
	g1 := groupOf("g1")
	b.pause("r", &g1)
	b.pause("", nil)
	b.pause("dry", nil)
	if n := testutil.ToFloat64(b.metrics.paused.WithLabelValues("r")); n != 2 {
		t.Errorf("%v, want the pause here and the one everywhere", n)
	}
	labels := func() int { return testutil.CollectAndCount(prometheus.Collector(b.metrics.paused)) }
	if n := labels(); n != 1 {
		t.Errorf("%d rules are shown, want the enforced one", n)
	}
	b.load(strings.Replace(several, "mode: enforce", "mode: shadow", 1))
	b.read()
	if n := labels(); n != 0 {
		t.Errorf("%d rules are shown after the last one was put in shadow", n)
	}
}
