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
	queue   chan *call[Req, Res]
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
	select {
	case b.queue <- c:
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
	var over *call[Req, Res] // taken from the queue, but too large for the last group
	for {
		first := over
		if first == nil {
			select {
			case first = <-b.queue:
			case <-b.closing:
				select {
				case first = <-b.queue:
				default:
					return
				}
			}
		}
		// Who was answered just now may be about to hand in the next request: without this, half the
		// callers would always miss the group by microseconds.
		runtime.Gosched()
		var group []*call[Req, Res]
		group, over = b.gather(first)
		b.serve(group)
	}
}

// gather takes what waits at this moment, up to the bounds. Requests whose caller has left are
// dropped.
func (b *Batcher[Req, Res]) gather(first *call[Req, Res]) (group []*call[Req, Res], over *call[Req, Res]) {
	ops := 0
	for c := first; ; {
		if c.ctx.Err() == nil {
			size := b.cfg.Size(c.req)
			if len(group) > 0 && ops+size > b.cfg.MaxOps {
				return group, c
			}
			ops += size
			group = append(group, c)
		}
		if len(group) >= b.cfg.MaxRequests {
			return group, nil
		}
		select {
		case c = <-b.queue:
		default:
			return group, nil
		}
	}
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
