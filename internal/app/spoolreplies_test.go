package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// moody stands before a Redis and passes everything on, or answers every command with one error.
type moody struct {
	addr, behind string
	reply        atomic.Pointer[string] // nil: all is well
	mu           sync.Mutex             // guards conns
	conns        []net.Conn
}

func newMoody(t *testing.T, behind string) *moody {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &moody{addr: l.Addr().String(), behind: behind}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close() // ends the loop below
		m.set("")
		wg.Wait()
	})
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { m.serve(conn) })
		}
	})
	return m
}

// set changes the mood; connections that were made in another end.
func (m *moody) set(reply string) {
	m.reply.Store(nil)
	if reply != "" {
		m.reply.Store(&reply)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		_ = c.Close() // its other end notices
	}
	m.conns = nil
}

func (m *moody) keep(c net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns = append(m.conns, c)
}

func (m *moody) serve(conn net.Conn) {
	defer conn.Close()
	m.keep(conn)
	if reply := m.reply.Load(); reply != nil {
		refuse(conn, *reply)
		return
	}
	up, err := net.DialTimeout("tcp", m.behind, time.Second)
	if err != nil {
		return
	}
	defer up.Close()
	m.keep(up)
	go func() {
		_, _ = io.Copy(up, conn) // either end may leave
		_ = up.Close()
	}()
	_, _ = io.Copy(conn, up) // as above
}

// refuse answers each command of a client with an error.
func refuse(conn net.Conn, reply string) {
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "*"))); err == nil && strings.HasPrefix(line, "*") {
			for range 2 * n { // the length and the bytes of each argument, none of which holds a line feed
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
			}
		}
		if _, err := io.WriteString(conn, "-"+reply+"\r\n"); err != nil {
			return
		}
	}
}

// TestNoReplyOfRedisLosesAnEvent sends an event while Redis answers everything in a certain way.
func TestNoReplyOfRedisLosesAnEvent(t *testing.T) {
	replies := []string{
		"LOADING Redis is loading the dataset in memory", "READONLY You can't write against a read only replica.",
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "CLUSTERDOWN The cluster is down",
		"TRYAGAIN Multiple keys request during rehashing of slot", "UNBLOCKED the stream key no longer exists",
		"NOREPLICAS Not enough good replicas to write.", "MISCONF Errors writing to the AOF file: No space left on device",
		"OOM command not allowed when used memory > 'maxmemory'.", "BUSY Redis is busy running a script.",
		"NOAUTH Authentication required.", "NOPERM this user has no permissions to run the 'evalsha' command",
		"ERR max number of clients reached", "ERR something that nobody knows",
	}
	m := newMoody(t, redistest.Durable(t).Addr)
	r := start(t, sim.Options{}, wordRules, "redis://"+m.addr, onlyTencent)
	var members []string
	for n := range replies {
		members = append(members, fmt.Sprint("offender-", n))
	}
	addGroup(t, r, "@TGS#moody", "Public", members...)
	for n, reply := range replies {
		m.set(reply)
		body := strings.NewReplacer(public, "@TGS#moody", `"bob"`, strconv.Quote(members[n])).Replace(message(n, "赌博"))
		if status := r.post(t, tencentURL(r, time.Now()), body); status != http.StatusOK {
			t.Errorf("%s: %d, want 200", reply, status)
		}
		if !r.waits(t, 1) {
			t.Errorf("%s: the event is not on disk", reply)
		}
		m.set("")
		eventually(t, reply+": the member is removed", func() bool { return !r.sim.World().Has("@TGS#moody", members[n]) && r.waits(t, 0) })
	}
	text := r.body(t, "/metrics")
	for _, none := range []string{"given_up", "refused"} {
		if !strings.Contains(text, fmt.Sprintf("groupguard_spool_events_total{outcome=%q} 0\n", none)) {
			t.Errorf("some were %s", none)
		}
	}
}
