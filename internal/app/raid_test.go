package app_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

const raiderRules = `version: 1
defaults: {mode: enforce}
rules:
  - id: raiders
    on: join
    when: {member: {id_matches: "raider*"}}
    then:
      - remove: {reason: "Raid"}
`

// assault lets raiders join a group, a hundred a webhook, and returns once the bot has answered for
// all of them. Their removals begin soon after the function that it returns was called: until then the
// provider is down, and the breaker open.
func assault(t testing.TB, r *rig, group string, raiders int) (begin func()) {
	t.Helper()
	const perWebhook = 100
	senders := 8
	if testing.Short() { // the race detector is on: a webhook must be answered within its 1.5 s
		senders = 1
	}
	if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Status: 503}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for n := s * perWebhook; n < raiders; n += senders * perWebhook {
				members := make([]string, min(perWebhook, raiders-n))
				for i := range members {
					members[i] = fmt.Sprintf("raider%06d", n+i)
				}
				if err := r.sim.World().Arrive(sim.Arrival{Group: group, Members: members}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.sim.ClearFaults
}

// TestRaidOfAHundredThousand lets a raid of 100,000 join one group and checks that it is removed in
// full batches, never over the provider's ceiling, and that nobody else is touched.
func TestRaidOfAHundredThousand(t *testing.T) {
	raiders := 100_000
	if testing.Short() { // the race detector makes the embedded store many times slower
		raiders = 1_000
	}
	r := start(t, sim.Options{Tencent: sim.TencentOptions{HooksOff: []string{
		"Group.CallbackAfterMemberExit", "Group.CallbackBeforeApplyJoinGroup", "Group.CallbackBeforeInviteJoinGroup",
	}}}, raiderRules, "", func(c *config.Config) { c.CAMS = config.CAMS{} })
	const group = "@TGS#_raid"
	if err := r.sim.World().AddGroup(sim.Group{
		Provider: sim.Tencent, ID: group, Type: "Community", Owner: "olga", Members: []string{"ann", "bob"},
	}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	begin := assault(t, r, group, raiders)
	admitted := time.Since(began)
	begin()
	eventually(t, "the removals begin", func() bool { return r.done.Load() > 0 })
	began = time.Now()
	eventually(t, "the raid is removed", func() bool { return r.done.Load() == int64(raiders) })
	took := time.Since(began)
	if n := len(r.sim.Removed(group)); n != raiders {
		t.Errorf("%d were removed, want %d", n, raiders)
	}
	if members := r.sim.World().Members(group); len(members) != 3 {
		t.Errorf("%d members are left, want the owner, ann and bob", len(members))
	}
	most, calls := r.sim.MaxWindow("delete_group_member"), r.sim.MembersPerCall("delete_group_member")
	full := 0
	for _, n := range calls {
		if n == 100 {
			full++
		}
		if n > 100 {
			t.Errorf("a call of %d members", n)
		}
	}
	t.Logf("admitted in %v, then removed in %v: %d calls, %d of them of 100 members, at most %d in a second", admitted, took, len(calls), full, most)
	if most > 200 {
		t.Errorf("%d calls in one second, the ceiling is 200", most)
	}
	if roles := r.sim.MaxWindow("get_role_in_group"); roles > 200 {
		t.Errorf("%d look-ups in one second, the ceiling is 200", roles)
	}
	if full < raiders/100*8/10 {
		t.Errorf("only %d of %d calls were full", full, len(calls))
	}
}
