package spool

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// Errors of the fakes.
var (
	errAway  = errors.New("the store is away")
	errOwn   = errors.New("this event cannot be stored")
	errDisk  = errors.New("the disk fails")
	forever  = 100 * time.Hour
	zeroHour = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
)

// next is a Next that notes what it has judged. How it answers is the test's.
type next struct {
	mu     sync.Mutex // guards judged and stored
	judged []chat.Event
	stored uint64
	answer func(ctx context.Context, events []chat.Event) error // nil: all is well
}

func (n *next) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	if n.answer != nil {
		if err := n.answer(ctx, events); err != nil {
			return nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.judged = append(n.judged, events...)
	n.stored++
	return make([]chat.Verdict, len(events)), nil
}

func (n *next) ids() (ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.judged {
		ids = append(ids, string(n.judged[i].ID))
	}
	return ids
}

func (n *next) count() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stored
}

// rig is a Spool on fakes, whose Run ends with the test.
type rig struct {
	*Spool
	disk *disk
	next *next
	reg  *prometheus.Registry
	log  *strings.Builder
	end  func()
}

// build makes a Spool. Its Run begins with start.
func build(d *disk, n *next, change func(*Config)) *rig {
	r := &rig{disk: d, next: n, reg: prometheus.NewRegistry(), log: &strings.Builder{}}
	c := Config{
		Next: n, Disk: d, Away: func(err error) bool { return errors.Is(err, errAway) }, Stored: n.count, Now: time.Now,
		Metrics: r.reg, Panics: prometheus.NewCounter(prometheus.CounterOpts{Name: "panics"}), Log: slog.New(slog.NewTextHandler(&locked{b: r.log}, nil)),
	}
	if change != nil {
		change(&c)
	}
	r.Spool = New(c)
	return r
}

// start runs the drain until end is called.
func (r *rig) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		r.Run(ctx)
		close(done)
	}()
	r.end = func() {
		cancel()
		<-done
	}
}

// locked is a writer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  *strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// said is a message with this ID.
func said(group, id string) chat.Event {
	return chat.Event{
		At: zeroHour, Received: time.Now(), Group: chat.Group{Provider: chat.Tencent, Account: "1", ID: chat.GroupID(group)},
		ID: chat.EventID(id), Kind: chat.Message, Member: "bob", Text: "secret " + id,
	}
}
