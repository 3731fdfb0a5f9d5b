package cams

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Times of a credential's copy.
const (
	// refreshAfter is how old a copy may get before the source is asked again, beside the callers.
	refreshAfter = time.Minute
	// assumedLife is how long a temporary credential is used when the source does not say when it
	// ends and no longer answers: a role session lasts 3600 s unless told otherwise, and one that
	// ended earlier is refused by the provider, which does no harm.
	assumedLife = time.Hour
	// endMargin keeps a request from being signed with a credential that ends on its way.
	endMargin = 5 * time.Second
	// retryAfter is the least time between two questions to a source that failed.
	retryAfter = time.Second
	// stuckAfter is when a question without an answer is given up; the library takes no context,
	// and its chain may wait for several sources in a row.
	stuckAfter = time.Minute
	// maxStuck bounds the goroutines that wait for such answers.
	maxStuck = 4
)

var errSameKey = errors.New("the source gives a key that the provider refused")

// ErrNoKey is returned while no source gives a credential.
var ErrNoKey = errors.New("no usable Alibaba Cloud credential")

// Source makes an object that fetches credentials. One object is never asked by two goroutines at
// once, and never again after it failed.
type Source func() (fetch func() (AccessKey, error), err error)

// Credentials keeps a copy of the current credential. One goroutine at a time asks the source;
// callers wait for it no longer than their contexts last, and not at all while the copy is good.
type Credentials struct {
	source Source
	now    func() time.Time

	mu      sync.Mutex // guards the fields below; held for no I/O
	fetch   func() (AccessKey, error)
	key     AccessKey
	got     time.Time // when key was fetched; zero: there is none
	refused bool      // the provider refused key: wait for the next one
	err     error     // of the last question
	next    time.Time // no question before
	asked   *question // under way
	stuck   int       // questions that were given up and still run
}

// question is one fetch. done is closed when it is over or given up.
type question struct {
	done  chan struct{}
	start time.Time
	over  bool
}

// NewCredentials returns Credentials that ask the source on first use.
func NewCredentials(source Source, now func() time.Time) *Credentials {
	return &Credentials{source: source, now: now}
}

// Get returns a credential that is valid as far as anybody knows.
func (c *Credentials) Get(ctx context.Context) (AccessKey, error) {
	for asked := false; ; asked = true {
		c.mu.Lock()
		now := c.now()
		usable := c.usable(now)
		if usable && (asked || now.Sub(c.got) < refreshAfter) {
			defer c.mu.Unlock()
			return c.key, nil
		}
		q := c.ask(now)
		switch {
		case usable:
			defer c.mu.Unlock()
			return c.key, nil
		case q == nil || asked && c.err != nil:
			defer c.mu.Unlock()
			return AccessKey{}, c.none()
		}
		c.mu.Unlock()
		if err := c.wait(ctx, q); err != nil {
			return AccessKey{}, err
		}
	}
}

// none is the error of a caller that gets no credential.
func (c *Credentials) none() error {
	if c.err == nil {
		return ErrNoKey
	}
	return fmt.Errorf("%w: %w", ErrNoKey, c.err)
}

// Invalidate says that the provider refused a credential. The next Get waits for a new one from a
// new object, unless another caller has brought one meanwhile.
func (c *Credentials) Invalidate(used AccessKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.key.same(used) && !c.got.IsZero() {
		c.refused, c.fetch = true, nil
	}
}

// usable tells whether the copy may sign now.
func (c *Credentials) usable(now time.Time) bool {
	switch {
	case c.got.IsZero() || c.refused:
		return false
	case !c.key.Expires.IsZero():
		return now.Before(c.key.Expires.Add(-endMargin))
	default:
		return c.key.Token == "" || now.Before(c.got.Add(assumedLife))
	}
}

// ask returns the question under way, or starts one. It returns nil when none may be asked yet.
func (c *Credentials) ask(now time.Time) *question {
	if q := c.asked; q != nil {
		if now.Sub(q.start) < stuckAfter {
			return q
		}
		if c.stuck >= maxStuck {
			return nil
		}
		c.stuck++
		c.giveUp(q, errors.New("the source does not answer"))
	}
	if now.Before(c.next) {
		return nil
	}
	q := &question{done: make(chan struct{}), start: now}
	c.asked = q
	go c.run(q, c.fetch)
	return q
}

// giveUp ends a question without a key. The object that failed is dropped: the library's default
// chain asks only the last source it tried from then on.
func (c *Credentials) giveUp(q *question, err error) {
	c.err, c.fetch, c.asked = err, nil, nil
	c.next = c.now().Add(retryAfter)
	q.over = true
	close(q.done)
}

// run asks the source, outside the lock.
func (c *Credentials) run(q *question, fetch func() (AccessKey, error)) {
	fetch, key, err := c.guarded(fetch)
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.over { // given up meanwhile, and its object with it
		c.stuck--
		return
	}
	if err != nil {
		c.giveUp(q, err)
		return
	}
	c.err, c.fetch, c.asked = nil, fetch, nil
	if c.refused && c.key.same(key) {
		// The source still gives what the provider refused. It may be asked again soon, but not
		// by every call.
		c.next, c.fetch, c.err = c.now().Add(retryAfter), nil, errSameKey
	}
	c.key, c.got, c.refused = key, c.now(), false
	q.over = true
	close(q.done)
}

// guarded makes the object where there is none and fetches. The library follows nil pointers in
// answers that lack a field, so a panic counts as a failure. The text of its panics and errors is
// not passed on: some of them print the credential.
func (c *Credentials) guarded(fetch func() (AccessKey, error)) (_ func() (AccessKey, error), key AccessKey, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the source panicked")
		}
	}()
	if fetch == nil {
		if fetch, err = c.source(); err != nil {
			return nil, AccessKey{}, err
		}
	}
	key, err = fetch()
	switch {
	case err != nil:
	case key.ID == "" || key.Secret == "":
		err = errors.New("the source gave an incomplete key")
	case !key.Expires.IsZero() && !c.now().Before(key.Expires.Add(-endMargin)):
		err = errors.New("the source gave a key that has ended")
	}
	return fetch, key, err
}

// wait waits for a question's end, as long as the context lasts and the question is not stuck.
func (c *Credentials) wait(ctx context.Context, q *question) error {
	t := time.NewTimer(stuckAfter)
	defer t.Stop()
	select {
	case <-q.done:
	case <-t.C:
	case <-ctx.Done():
		return fmt.Errorf("waiting for a credential: %w", ctx.Err())
	}
	return nil
}
