package tencent

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// TestEveryCodeHasAClass goes through the list of error codes (34348, and the REST list).
func TestEveryCodeHasAClass(t *testing.T) {
	const down = true
	table := []struct {
		class actions.Class
		down  bool
		codes []int
	}{
		{actions.OK, false, []int{0}},
		{actions.Limited, false, []int{60007, 60011, 60018, 60019, 10006}},
		{actions.Again, false, []int{10023, 60004, 60005, 90992}},
		{actions.Again, down, []int{10002, 60008, 60013, 60014, 70169, 70202, 70500, 90994, 90995, 91000}},
		{actions.Auth, false, []int{
			60006, 60010, 60012, 60016, 60017, 60020, 60021, 60025, 60026, 60028,
			70001, 70002, 70003, 70005, 70009, 70013, 70014, 70016, 70020, 70050, 70051, 70403, 72000, 72002, 80005,
		}},
		{actions.Permanent, false, []int{
			60002, 60003, 60009, 60015, 70107, 70402, 80001, 80002, 80003, 80004,
			10003, 10004, 10005, 10007, 10010, 10015, 10016, 10017, 10018, 10019, 10026,
			10030, 10031, 10032, 10033, 10041, 10044, 10059, 11000, 110013,
		}},
	}
	seen := map[int]bool{}
	for _, row := range table {
		for _, n := range row.codes {
			if got := classOf(n); got != row.class || internal(n) != row.down {
				t.Errorf("%d is %s, down %v; want %s, %v", n, className(got), internal(n), className(row.class), row.down)
			}
			if seen[n] {
				t.Errorf("%d stands twice", n)
			}
			seen[n] = true
		}
	}
	if len(seen) != 75 {
		t.Errorf("%d codes", len(seen))
	}
	if classOf(424242) != actions.Again || internal(424242) {
		t.Error("a code that no list has")
	}
}

func TestOutcomesTellWhenTencentIsDown(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter)
		want   bool
	}{
		"no answer":      {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, true},
		"bad gateway":    {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, true},
		"not found":      {func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, false},
		"internal error": {code(10002), true},
		"too fast":       {code(60007), false},
		"no permission":  {code(10007), false},
		"success":        {code(0), false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) { f.answers[apiDestroy] = []func(http.ResponseWriter){tt.answer} })
			if o := r.sendAll(t, []chat.Action{act(chat.Dissolve, chat.Public, "")})[0]; o.Down != tt.want {
				t.Errorf("%+v", o)
			}
		})
	}
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := act(chat.Dissolve, chat.Public, "")
	if o := r.s.Send(ctx, mustRoute(t, r.s, a), []chat.Action{a})[0]; o.Down || o.Class != actions.Again {
		t.Errorf("we gave up ourselves, and Tencent is down: %+v", o)
	}
}

// slowed is a Limiter that remembers what was slowed.
type slowed struct {
	taken
	mu   sync.Mutex // guards keys
	keys []string
}

func (l *slowed) Slow(_ context.Context, key string, wait time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, key+" "+wait.String())
	return nil
}

func TestTheCallThatWasTooFastIsSlowed(t *testing.T) {
	r := newRig(t, nil)
	limiter := &slowed{}
	r.s.gate.Limiter = limiter
	r.answers[apiRoles] = []func(http.ResponseWriter){code(60007)}
	r.send(t, removals(chat.Public, "a"))
	r.answers[apiKick] = []func(http.ResponseWriter){code(10006)}
	r.send(t, removals(chat.Public, "a"))
	if want := []string{"a " + apiRoles + " 1s", "a " + apiKick + " 1s"}; !slices.Equal(limiter.keys, want) {
		t.Errorf("slowed %q, want %q", limiter.keys, want)
	}
}
