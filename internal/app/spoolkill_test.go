package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestKilledWhileRedisComesAndGoesNothingIsLost sends thousands of joins to a bot whose Redis is killed
// and started again at random, and that is itself killed in the middle. Whatever was answered with
// success leads to exactly one removal.
func TestKilledWhileRedisComesAndGoesNothingIsLost(t *testing.T) {
	const rounds, members, groups = 5, killedMembers, killedGroups
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a seeded script
	server := redistest.Durable(t)
	s, url := newSim(t, sim.Options{})
	o, c := s.Options(), childOf(t, s, url, server.URL())
	for g := range groups {
		all := []string{"ann"}
		for round := range rounds {
			all = append(all, fmt.Sprintf("raider-late-%d", round))
		}
		for n := g; n < rounds*members; n += groups {
			all = append(all, fmt.Sprintf("raider-%d", n))
		}
		if err := s.World().AddGroup(sim.Group{Provider: sim.Tencent, ID: fmt.Sprint("@TGS#", g), Type: "Public", Members: all}); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	for round := range rounds {
		first := startVictim(t, c)
		killRedis, killBot := r.IntN(killedLeast), killedLeast+r.IntN(members-killedLeast)
		accepted := admit(o, first, round, func(answered int) {
			switch answered {
			case killRedis + 1:
				server.Kill()
			case killBot:
				first.kill()
			}
		})
		first.kill()
		second := startVictim(t, c) // while Redis is away
		extra := fmt.Sprintf("raider-late-%d", round)
		if !joined(&http.Client{Timeout: 5 * time.Second}, o, second.addr, "@TGS#0", extra) {
			t.Error("a bot that starts while Redis is away takes nothing")
		}
		left := stillThere(s, accepted, groups)
		server.Restart(t)
		eventually(t, "everything accepted is removed", func() bool {
			return stillThere(s, accepted, groups) == 0 && !s.World().Has("@TGS#0", extra)
		})
		total += len(accepted)
		t.Logf("round %d: %d accepted, %d of them not removed when Redis came back; none lost", round, len(accepted), left)
		second.kill()
	}
	if total < rounds*killedLeast {
		t.Errorf("only %d were accepted: the rounds ended too soon to show anything", total)
	}
	for g := range groups {
		group := fmt.Sprint("@TGS#", g)
		if n := len(s.Asked(group)) - len(s.Removed(group)); n > 0 {
			t.Logf("%s: %d removals were asked for twice", group, n)
		}
		if !s.World().Has(group, "ann") {
			t.Errorf("ann was removed from %s", group)
		}
	}
}

// How many join in a round, and how many of them are accepted at least when the bot is killed.
const (
	killedMembers = 600
	killedGroups  = 20
	killedLeast   = 300
)

// admit sends the joins of a round from eight senders at once and returns those that were accepted. With
// each, it tells how many there are.
func admit(o sim.Options, bot *victim, round int, answered func(int)) (accepted []int) {
	var mu sync.Mutex // guards accepted
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			client := &http.Client{Timeout: 5 * time.Second}
			for n := round*killedMembers + w; n < (round+1)*killedMembers; n += 8 {
				if !joined(client, o, bot.addr, fmt.Sprint("@TGS#", n%killedGroups), fmt.Sprintf("raider-%d", n)) {
					continue
				}
				mu.Lock()
				accepted = append(accepted, n)
				answered(len(accepted))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return accepted
}
