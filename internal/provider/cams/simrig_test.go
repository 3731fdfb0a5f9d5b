package cams

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/sim"
)

// fixedKey are credentials that never change.
type fixedKey struct{ key AccessKey }

func (k fixedKey) Get(context.Context) (AccessKey, error) { return k.key, nil }
func (fixedKey) Invalidate(AccessKey)                     {}

// witness is a Watcher that remembers.
type witness struct {
	mu   sync.Mutex
	gone []chat.MemberID
}

func (w *witness) Removed(_ context.Context, _ chat.Group, members []chat.MemberID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = append(w.gone, members...)
}

// simRig is a Sender in front of the simulator.
type simRig struct {
	*sim.Server
	client *Client
	sender *Sender
	gone   *witness
}

func newSimRig(t *testing.T, o sim.CAMSOptions) *simRig {
	t.Helper()
	o.CustSpaceID, o.BusinessNumber, o.Rate = testSpace, testBusiness, -1
	s := sim.New(sim.Options{CAMS: o})
	web := httptest.NewServer(s.Handler())
	caller := provider.NewCaller(prometheus.NewRegistry(), "cams")
	t.Cleanup(func() { caller.Close(); web.Close(); s.Close() })
	full := s.Options().CAMS
	client, err := NewClient(ClientConfig{CustSpaceID: testSpace, BusinessNumber: testBusiness, Endpoint: web.URL, CallsPerSecond: 10_000},
		caller, actions.Gate{Limiter: &actions.LocalLimiter{}, Account: "cams"}, fixedKey{AccessKey{ID: full.AccessKeyID, Secret: full.AccessKeySecret}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := &simRig{Server: s, client: client, sender: NewSender(client), gone: &witness{}}
	r.sender.Tell(r.gone)
	return r
}

// add makes group G1, in which somebody has said something.
func (r *simRig) add(t *testing.T, members ...string) {
	t.Helper()
	if err := r.World().AddGroup(sim.Group{Provider: sim.CAMS, ID: "G1", Type: sim.WhatsApp, Members: members}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.World().Say("G1", members[0], "hello"); err != nil {
		t.Fatal(err)
	}
}

// send carries actions out as a dispatcher does: in calls of as many as share a route and fit, and
// once more those that failed for now. It returns class and code of each, in order, attempt by
// attempt, and what the calls were.
func (r *simRig) send(t *testing.T, attempts int, todo ...chat.Action) (outcomes, calls []string, texts string) {
	t.Helper()
	for range attempts {
		var again []chat.Action
		for len(todo) > 0 {
			route, err := r.sender.Route(todo[0])
			if err != nil {
				return append(outcomes, "impossible"), r.made(), err.Error()
			}
			n := min(route.Max, len(todo))
			for i, o := range r.sender.Send(t.Context(), route, todo[:n]) {
				outcomes = append(outcomes, fmt.Sprintf("%d %s", o.Class, o.Code))
				texts += o.Text
				if o.Class == actions.Again {
					again = append(again, todo[i])
				}
			}
			todo = todo[n:]
		}
		todo = again
	}
	return outcomes, r.made(), texts
}

// made returns the calls that arrived: the API, and how many members it named.
func (r *simRig) made() []string {
	var out []string
	for _, c := range r.History() {
		s := c.API
		if c.Count > 0 {
			s += fmt.Sprint(" ", c.Count)
		}
		out = append(out, s)
	}
	return out
}

// removals are those of so many members, from 15550100001 on.
func removals(n int) (members []string, todo []chat.Action) {
	for i := range n {
		m := fmt.Sprintf("1555010%04d", i+1)
		members, todo = append(members, m), append(todo, act(chat.Remove, chat.MemberID(m)))
	}
	return members, todo
}

func wantStrings(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s are\n%s\nwant\n%s", what, strings.Join(got, ", "), strings.Join(want, ", "))
	}
}
