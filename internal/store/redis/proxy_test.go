package redis

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// lossy passes bytes between clients and a server. Armed, it lets the next script call through to
// the server, drops the reply and cuts the connection.
type lossy struct {
	addr  string
	armed atomic.Bool
	lost  atomic.Int32
}

func newLossy(t *testing.T, server string) *lossy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &lossy{addr: l.Addr().String()}
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	t.Cleanup(func() { _ = l.Close() }) // ends the loop below
	wait.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { p.serve(client, server) })
		}
	})
	return p
}

func (p *lossy) serve(client net.Conn, addr string) {
	defer func() { _ = client.Close() }() // already cut, or the client left
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }() // likewise
	var drop atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		defer func() { _ = server.Close() }() // wakes the other direction
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			if bytes.Contains(buf[:n], []byte("evalsha")) && p.armed.CompareAndSwap(true, false) {
				drop.Store(true)
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			break
		}
		if drop.Load() {
			p.lost.Add(1)
			break
		}
		if _, err := client.Write(buf[:n]); err != nil {
			break
		}
	}
	_ = client.Close() // wakes the other direction
	wait.Wait()
}

func TestALostReplyChangesNothing(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	p := newLossy(t, server.Addr)
	s := openAt(t, "redis://"+p.addr, 0, store.Options{Partitions: 1})
	g := groupN(1)
	warm := func() {
		t.Helper()
		if _, err := s.Commit(t.Context(), []chat.Case{removalOf(g, 0)}); err != nil {
			t.Fatalf("warm up: %v", err)
		}
	}
	warm() // the server knows the script from here on
	lost := func(what string, do func() error) {
		t.Helper()
		before := p.lost.Load()
		p.armed.Store(true)
		if err := do(); err != nil {
			t.Fatalf("%s with its reply lost: %v", what, err)
		}
		if n := p.lost.Load() - before; n != 1 {
			t.Fatalf("%s: %d replies lost, want 1", what, n)
		}
	}

	w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: 5, Within: time.Minute}
	heavy, trail := w, w
	heavy.ID, heavy.Add, trail.Note = "heavy", 3, "note"
	look := []chat.Look{{
		Event: "x", Group: g, Member: "m", Kind: chat.Message, At: time.Now(), Windows: []chat.Window{w, heavy, trail},
	}}

	lost("commit", func() error {
		got, err := s.Commit(t.Context(), []chat.Case{removalOf(g, 1), removalOf(g, 2)})
		if err == nil && (got[0].Known || got[0].Queued != 1 || got[1].Queued != 1) {
			t.Errorf("%+v: the caller's own case is called known", got)
		}
		return err
	})
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 3 {
		t.Fatalf("depth %+v, %v, want three entries", d, err)
	}
	lost("observe", func() error {
		facts, err := s.Observe(t.Context(), look)
		if err == nil && (facts[0].Counts[0] != 1 || facts[0].Counts[1] != 3 || len(facts[0].Trails[2]) != 0) {
			t.Errorf("%+v, want counts of 1 and 3, and nobody else on the trail", facts[0])
		}
		return err
	})
	lost("roster", func() error { return s.SaveRoster(t.Context(), g, chat.Roster{Version: 1}) })
	items, err := s.Claim(t.Context(), 0, 1)
	if err != nil || len(items) != 1 {
		t.Fatalf("claim: %v, %v", items, err)
	}
	lost("settle", func() error {
		return s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: actions.Retry, At: time.Now()}})
	})
	rec, ok, err := s.Record(t.Context(), items[0].Case)
	if err != nil || !ok || len(rec.Answers) != 1 {
		t.Fatalf("record: %v, %v, answers %+v, want one", ok, err, rec.Answers)
	}
	if count := s.client.HGet(t.Context(), partKey(0, kindAttempts), items[0].Token.Entry).Val(); !strings.HasPrefix(count, "1 ") {
		t.Errorf("attempts %q, want 1", count)
	}
	lost("the end", func() error {
		return s.Settle(t.Context(), []actions.Settlement{{Item: items[0], State: actions.Done, At: time.Now()}})
	})
	if d, err := s.Depth(t.Context()); err != nil || d.Entries != 2 {
		t.Errorf("depth %+v, %v, want two entries", d, err)
	}
}

func TestThePasswordIsInNoError(t *testing.T) {
	const password = "correct-horse-battery"
	server := redistest.New(t, "--appendonly", "no", "--requirepass", "another-password")
	for _, url := range []string{
		"redis://:" + password + "@" + server.Addr,
		"redis://default:" + password + "@127.0.0.1:1",
		"redis+sentinel://:" + password + "@127.0.0.1:1/m?sentinel_password=" + password,
		"redis+cluster://:" + password + "@" + server.Addr,
	} {
		s, err := Open(t.Context(), url, 0, store.Options{Partitions: 1}, slog.New(slog.DiscardHandler))
		if strings.HasSuffix(url, server.Addr) {
			if !errors.Is(err, ErrSetup) || strings.Contains(err.Error(), password) {
				t.Errorf("%v, want ErrSetup without the password", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // nobody is at the other end
		_, err = s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
		if err == nil {
			t.Fatal("a commit without access succeeded")
		}
		texts := append(s.Warnings(t.Context()), err.Error())
		if err := s.Ping(t.Context()); err == nil {
			t.Error("a ping without access succeeded")
		} else {
			texts = append(texts, err.Error())
		}
		for _, text := range texts {
			if strings.Contains(text, password) {
				t.Errorf("%q repeats the password", text)
			}
		}
	}
}
