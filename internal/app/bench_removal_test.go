package app_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// ceiling is what the simulator, and Tencent by default, takes of one API in a second.
const ceiling = 200

// raidRig starts a bot and a simulator that tells it of joins and messages only.
func raidRig(b testing.TB, redisURL string) *rig {
	return start(b, sim.Options{Tencent: sim.TencentOptions{HooksOff: []string{
		"Group.CallbackAfterMemberExit", "Group.CallbackBeforeApplyJoinGroup", "Group.CallbackBeforeInviteJoinGroup", "Group.CallbackBeforeSendMsg",
	}}}, raiderRules, redisURL, func(c *config.Config) { c.CAMS = config.CAMS{} })
}

func addGroup(b testing.TB, r *rig, id, kind string, members ...string) {
	b.Helper()
	if err := r.sim.World().AddGroup(sim.Group{Provider: sim.Tencent, ID: id, Type: kind, Owner: "olga", Members: members}); err != nil {
		b.Fatal(err)
	}
}

// reportCalls reports how the removals were called for, and how long they took beside the time that
// so many calls take at the ceiling.
func reportCalls(b *testing.B, r *rig, removals int, took time.Duration) {
	b.Helper()
	calls, most := r.sim.MembersPerCall("delete_group_member"), r.sim.MaxWindow("delete_group_member")
	b.ReportMetric(float64(len(calls)), "calls")
	b.ReportMetric(float64(removals)/float64(len(calls)), "members/call")
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(took.Seconds()/(float64(len(calls))/ceiling), "s/minimum")
	b.ReportMetric(float64(most), "most-calls-in-a-second")
	b.ReportMetric(float64(max(0, most-ceiling)), "over-ceiling")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRemovals measures removals from a full queue of one group, and removals in a thousand
// groups as they come in.
func BenchmarkRemovals(b *testing.B) {
	b.Run("groups=1/members=100000", func(b *testing.B) {
		for b.Loop() {
			r := raidRig(b, "")
			addGroup(b, r, "@TGS#_raid", "Community", "ann")
			begin := assault(b, r, "@TGS#_raid", 100_000)
			refused := len(r.sim.MembersPerCall("delete_group_member"))
			begin()
			eventually(b, "the removals begin", func() bool { return r.done.Load() > 0 })
			start := time.Now()
			eventually(b, "the raid is removed", func() bool { return r.done.Load() == 100_000 })
			reportCalls(b, r, 100_000, time.Since(start))
			b.ReportMetric(float64(len(r.sim.MembersPerCall("delete_group_member"))-refused), "calls")
		}
	})
	b.Run("groups=1000/members=10000", func(b *testing.B) {
		for b.Loop() {
			r := raidRig(b, "")
			for g := range 1_000 {
				addGroup(b, r, fmt.Sprintf("@TGS#g%03d", g), "Public", "ann")
			}
			start := time.Now()
			var wg sync.WaitGroup
			for s := range 8 {
				wg.Go(func() {
					for g := s; g < 1_000; g += 8 {
						members := make([]string, 10)
						for i := range members {
							members[i] = fmt.Sprintf("raider%03d-%d", g, i)
						}
						if err := r.sim.World().Arrive(sim.Arrival{Group: fmt.Sprintf("@TGS#g%03d", g), Members: members}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			eventually(b, "all are removed", func() bool { return r.done.Load() == 10_000 })
			reportCalls(b, r, 10_000, time.Since(start))
		}
	})
}

// lone removes single members of single groups, one after the other, until enough says so, and
// returns how long each took from before its webhook to after the provider's answer.
func lone(b *testing.B, r *rig, name string, enough func(n int) bool) []time.Duration {
	b.Helper()
	var took []time.Duration
	for n := 0; !enough(n); n++ {
		group, member := fmt.Sprintf("@TGS#%s%04d", name, n), fmt.Sprintf("raider-%s%04d", name, n)
		addGroup(b, r, group, "Public", "ann")
		settled := make(chan struct{})
		watch := func(s actions.Settlement) {
			if s.Item.Member == chat.MemberID(member) && s.State == actions.Done {
				close(settled)
			}
		}
		r.watch.Store(&watch)
		start := time.Now()
		if err := r.sim.World().Join(group, member); err != nil {
			b.Fatal(err)
		}
		<-settled
		took = append(took, time.Since(start))
	}
	r.watch.Store(nil)
	slices.Sort(took)
	return took
}

func reportTimes(b *testing.B, took []time.Duration) {
	b.Helper()
	at := func(share float64) float64 {
		return float64(took[int(math.Ceil(share*float64(len(took)-1)))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(len(took)), "removals")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLoneRemoval measures a single violation from its webhook to the provider's answer: on an
// idle bot, and in another group than one whose 100,000 raiders are being removed.
func BenchmarkLoneRemoval(b *testing.B) {
	b.Run("idle", func(b *testing.B) {
		for b.Loop() {
			r := raidRig(b, "")
			reportTimes(b, lone(b, r, "idle", func(n int) bool { return n == 300 }))
		}
	})
	for _, store := range []string{"embedded", "redis"} {
		b.Run("raid=100000/store="+store, func(b *testing.B) {
			for b.Loop() {
				redisURL := ""
				if store == "redis" {
					redisURL = redistest.Start(b)
				}
				r := raidRig(b, redisURL)
				addGroup(b, r, "@TGS#_raid", "Community", "ann")
				begin := assault(b, r, "@TGS#_raid", 100_000)
				begin()
				eventually(b, "the raid's removal is under way", func() bool { return r.done.Load() > 1_000 })
				reportTimes(b, lone(b, r, "lone", func(int) bool { return r.done.Load() > 95_000 }))
			}
		})
	}
}
