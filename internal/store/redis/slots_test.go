package redis

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
	"github.com/groupguard/groupguard/internal/store/storetest"
	goredis "github.com/redis/go-redis/v9"
)

// slot is Redis Cluster's slot of a key: CRC16 (XMODEM) of the hash tag
// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/).
func slot(key string) uint16 {
	if _, after, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(after, "}"); ok && tag != "" {
			key = tag
		}
	}
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc % 16384
}

func TestSlotOfTheSpecification(t *testing.T) {
	if got := slot("123456789"); got != 0x31C3 {
		t.Errorf("slot %#x, want 0x31c3", got)
	}
	if slot("{user1000}.following") != slot("{user1000}.followers") || slot("foo{}{bar}") == slot("bar") {
		t.Error("hash tags are not what the specification says")
	}
}

// slotHook notes the scripts that ran and complains about keys of one call in different slots.
type slotHook struct {
	t     *testing.T
	names map[string]string // script by digest

	mu  sync.Mutex
	ran map[string]int
}

func (h *slotHook) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *slotHook) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		h.look(cmd)
		return next(ctx, cmd)
	}
}

func (h *slotHook) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		for _, cmd := range cmds {
			h.look(cmd)
		}
		return next(ctx, cmds)
	}
}

func (h *slotHook) look(cmd goredis.Cmder) {
	args := cmd.Args()
	if name := strings.ToLower(fmt.Sprint(args[0])); name != "evalsha" {
		return
	}
	n, ok := args[2].(int)
	if !ok || n < 1 {
		h.t.Errorf("script %v has %v keys", args[1], args[2])
		return
	}
	for _, key := range args[4 : 3+n] {
		if slot(fmt.Sprint(key)) != slot(fmt.Sprint(args[3])) {
			h.t.Errorf("script %s: %v and %v are in different slots", h.names[fmt.Sprint(args[1])], args[3], key)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ran[h.names[fmt.Sprint(args[1])]]++
}

// TestConformanceOnACluster runs the suite on a server in cluster mode, which refuses a command
// whose keys are in different slots, and a script that reaches for a key of another slot.
func TestConformanceOnACluster(t *testing.T) {
	t.Parallel() // it mostly waits for leases
	lua, err := loadScripts()
	if err != nil {
		t.Fatal(err)
	}
	hook := &slotHook{t: t, ran: map[string]int{}, names: map[string]string{
		lua.observe.Hash(): "observe", lua.commit.Hash(): "commit", lua.claim.Hash(): "claim", lua.renew.Hash(): "renew",
		lua.settle.Hash(): "settle", lua.group.Hash(): "group", lua.sweep.Hash(): "sweep", lua.roster.Hash(): "roster",
		lua.learn.Hash(): "learn", lua.take.Hash(): "take", lua.slow.Hash(): "slow", lua.unshelve.Hash(): "unshelve",
		lua.forget.Hash(): "forget", lua.memo.Hash(): "memo", lua.drop.Hash(): "drop",
	}}
	url, flush := startCluster(t) // one for all: a node needs two seconds to become a cluster
	storetest.Run(t, func(t *testing.T) storetest.Open {
		flush(t)
		return func(o store.Options) (store.Store, error) {
			s, err := Open(t.Context(), url, 0, o, discard())
			if err != nil {
				return nil, err
			}
			s.client.AddHook(hook)
			return s, nil
		}
	})
	for _, name := range hook.names {
		if hook.ran[name] == 0 {
			t.Errorf("the suite never ran script %s", name)
		}
	}
}

// startCluster starts a server that is a cluster of one node, and returns how to empty it.
func startCluster(t *testing.T) (url string, flush func(t *testing.T)) {
	t.Helper()
	server := redistest.New(t, "--appendonly", "no", "--cluster-enabled", "yes")
	c := goredis.NewClient(&goredis.Options{Addr: server.Addr})
	t.Cleanup(func() { _ = c.Close() }) // only helped to set up
	if err := c.Do(t.Context(), "cluster", "addslotsrange", 0, 16383).Err(); err != nil {
		t.Fatalf("give all slots to the node: %v", err)
	}
	eventually(t, "the cluster is up", func() bool {
		info, err := c.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return "redis+cluster://" + server.Addr, func(t *testing.T) {
		t.Helper()
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatalf("empty the cluster: %v", err)
		}
	}
}

// eventually returns when cond holds.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	end := time.NewTimer(20 * time.Second)
	defer end.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
