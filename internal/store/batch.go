package store

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// BatchConfig sets the bounds of a Batcher. A zero field takes its default.
type BatchConfig[Req any] struct {
	MaxRequests int           // in one flush; default 64
	MaxOps      int           // sum of Size in one flush; default 1,024. A larger request goes alone
	Waiting     int           // requests that may queue up; default 1,024. Past it callers wait
	Size        func(Req) int // operations that a request holds; default 1 each
	// Urgent tells which requests go before the others: they fill up to three quarters of a flush, and
	// each flush has one of the others at least if there are any. Nil: none is.
	Urgent func(Req) bool
}

func (c BatchConfig[Req]) defaults() BatchConfig[Req] {
	if c.MaxRequests <= 0 {
		c.MaxRequests = 64
	}
	if c.MaxOps <= 0 {
		c.MaxOps = 1024
	}
	if c.Waiting <= 0 {
		c.Waiting = 1024
	}
	if c.Size == nil {
		c.Size = func(Req) int { return 1 }
	}
	return c
}

// Flush carries out requests together and returns one result for each, in order. An error is every
// caller's error; what concerns one request alone belongs in its result.
type Flush[Req, Res any] func(ctx context.Context, reqs []Req) ([]Res, error)

// Batcher groups requests that wait at the same moment, so that one trip or one fsync serves them
// all. It never waits for company: while one flush runs the next group gathers, and an idle
// Batcher flushes a lone request at once.
type Batcher[Req, Res any] struct {
	cfg     BatchConfig[Req]
	flush   Flush[Req, Res]
	urgent  chan *call[Req, Res]
	queue   chan *call[Req, Res] // of the others
	once    sync.Once
	closing chan struct{} // closed by Close: no more requests
	stopped chan struct{} // closed when the last flush is over
}

type call[Req, Res any] struct {
	ctx  context.Context //nolint:containedctx // a request that waits belongs to its caller's context
	req  Req
	done chan result[Res] // buffered: the flush never waits for a caller
}

type result[Res any] struct {
	res Res
	err error
}

// NewBatcher starts a Batcher. Close ends it.
func NewBatcher[Req, Res any](cfg BatchConfig[Req], flush Flush[Req, Res]) *Batcher[Req, Res] {
	cfg = cfg.defaults()
	b := &Batcher[Req, Res]{
		cfg: cfg, flush: flush,
		urgent:  make(chan *call[Req, Res], cfg.Waiting),
		queue:   make(chan *call[Req, Res], cfg.Waiting),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go b.run()
	return b
}

// Do hands a request in and returns its result. When ctx ends first it returns the context's error;
// the request is then dropped if no flush holds it yet, and may take effect otherwise.
func (b *Batcher[Req, Res]) Do(ctx context.Context, req Req) (Res, error) {
	var none Res
	if err := ctx.Err(); err != nil {
		return none, err
	}
	select {
	case <-b.closing:
		return none, ErrClosed
	default:
	}
	c := &call[Req, Res]{ctx: ctx, req: req, done: make(chan result[Res], 1)}
	queue := b.queue
	if b.cfg.Urgent != nil && b.cfg.Urgent(req) {
		queue = b.urgent
	}
	select {
	case queue <- c:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-b.closing:
		return none, ErrClosed
	}
	select {
	case r := <-c.done:
		return r.res, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-b.stopped:
	}
	// The request may have been answered just before the end, or have come too late for it.
	select {
	case r := <-c.done:
		return r.res, r.err
	default:
		return none, ErrClosed
	}
}

// Close refuses new requests, flushes those that wait and returns when the last flush is over.
func (b *Batcher[Req, Res]) Close() {
	b.once.Do(func() { close(b.closing) })
	<-b.stopped
}

func (b *Batcher[Req, Res]) run() {
	defer close(b.stopped)
	g := gathering[Req, Res]{b: b}
	for g.wait() {
		// Who was answered just now may be about to hand in the next request: without this, half the
		// callers would always miss the group by microseconds.
		runtime.Gosched()
		b.serve(g.group())
	}
}

// gathering makes groups of what waits.
type gathering[Req, Res any] struct {
	b             *Batcher[Req, Res]
	urgent, other *call[Req, Res] // taken from their queues and in no group yet
}

// wait returns when there is a request; false when there will be none any more.
func (g *gathering[Req, Res]) wait() bool {
	if g.urgent != nil || g.other != nil {
		return true
	}
	select {
	case g.urgent = <-g.b.urgent:
	case g.other = <-g.b.queue:
	case <-g.b.closing:
		select {
		case g.urgent = <-g.b.urgent:
		case g.other = <-g.b.queue:
		default:
			return false
		}
	}
	return true
}

// group takes what waits at this moment, up to the bounds.
func (g *gathering[Req, Res]) group() (out []*call[Req, Res]) {
	c := &g.b.cfg
	out, ops := g.fill(out, 0, c.MaxRequests-c.MaxRequests/4, c.MaxOps-c.MaxOps/4, &g.urgent, g.b.urgent)
	n := len(out)
	out, ops = g.fill(out, ops, c.MaxRequests, c.MaxOps, &g.other, g.b.queue)
	if len(out) == n { // there were no others
		out, _ = g.fill(out, ops, c.MaxRequests, c.MaxOps, &g.urgent, g.b.urgent)
	}
	return out
}

// fill appends requests from a queue until so many requests, or operations, are in the group. The first
// one that it appends may pass the bound. Requests whose caller has left are dropped.
func (g *gathering[Req, Res]) fill(out []*call[Req, Res], ops, maxRequests, maxOps int, next **call[Req, Res], queue chan *call[Req, Res]) ([]*call[Req, Res], int) {
	for n := len(out); len(out) < maxRequests; {
		if *next == nil {
			select {
			case *next = <-queue:
			default:
				return out, ops
			}
		}
		c := *next
		if c.ctx.Err() == nil {
			size := g.b.cfg.Size(c.req)
			if ops+size > maxOps && len(out) > n {
				return out, ops
			}
			ops += size
			out = append(out, c)
		}
		*next = nil
	}
	return out, ops
}

// serve flushes a group under a context of its own: one caller that gives up must not fail the
// others.
func (b *Batcher[Req, Res]) serve(group []*call[Req, Res]) {
	if len(group) == 0 {
		return
	}
	reqs := make([]Req, len(group))
	for i, c := range group {
		reqs[i] = c.req
	}
	res, err := b.flush(context.Background(), reqs)
	if err == nil && len(res) != len(group) {
		err = fmt.Errorf("flushing %d requests: %d results", len(group), len(res))
	}
	for i, c := range group {
		if err != nil {
			c.done <- result[Res]{err: err}
			continue
		}
		c.done <- result[Res]{res: res[i]}
	}
}
