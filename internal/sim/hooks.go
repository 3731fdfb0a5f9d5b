package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of the sending side.
const (
	hookLanes   = 8       // groups are spread over so many senders; one group's webhooks keep their order
	hookQueue   = 4_096   // webhooks that wait per lane
	hookRetries = 1_024   // webhooks that wait to be repeated
	hookKept    = 10_000  // webhooks remembered
	hookAnswer  = 1 << 18 // bytes read of a bot's answer
)

// Hook is one attempt to deliver a webhook.
type Hook struct {
	Provider Provider      `json:"provider"`
	Name     string        `json:"name"` // CallbackCommand, or ChatAppInbound
	Group    string        `json:"group"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"took"`
	Attempt  int           `json:"attempt"` // 1 is the first
	Status   int           `json:"status"`  // 0: no answer
	OK       bool          `json:"ok"`      // the provider would take it for delivered
	Err      string        `json:"error,omitempty"`
}

// HookCounts counts attempts of one or all webhooks.
type HookCounts struct {
	Sent    int `json:"sent"`
	Failed  int `json:"failed"`  // attempts that failed
	Retried int `json:"retried"` // attempts after the first
	Lost    int `json:"lost"`    // never sent, because queues were full, or given up
}

// mail is one webhook to send.
type mail struct {
	provider Provider
	name     string
	group    string
	target   func() string // with a signature made anew for each attempt
	body     []byte
	timeout  time.Duration
	pauses   []time.Duration         // before the attempts after the first
	again    func(heard, error) bool // whether a failure is worth another attempt
	good     func(status int, body []byte) bool
	attempt  int
}

// heard is what the bot answered.
type heard struct {
	status int
	body   []byte
}

// hooks sends webhooks.
type hooks struct {
	ctx    context.Context
	client *http.Client

	mu      sync.Mutex // guards the fields below
	tencent string
	cams    string
	started bool
	closed  bool
	lanes   [hookLanes]chan mail
	pending int           // queued, being sent, or waiting to be repeated
	waiting int           // waiting to be repeated
	idle    chan struct{} // closed when pending falls to 0; nil while nobody waits
	kept    []Hook
	next    int
	counts  HookCounts
	senders sync.WaitGroup
}

func newHooks(ctx context.Context) *hooks {
	return &hooks{ctx: ctx, client: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			MaxIdleConnsPerHost: 64,
			MaxConnsPerHost:     128,
			IdleConnTimeout:     30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (h *hooks) point(tencent, cams string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tencent, h.cams = tencent, cams
}

func (h *hooks) urls() (tencent, cams string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tencent, h.cams
}

// errClosed is returned for webhooks after Close.
var errClosed = errors.New("the simulator is closed")

// send queues a webhook. With wait it stands in line while the queue is full; without it the
// webhook is lost then, as an overloaded provider's would be.
func (h *hooks) send(ctx context.Context, m mail, wait bool) error {
	lane, err := h.admit(m.group)
	if err != nil {
		return err
	}
	if !wait {
		select {
		case lane <- m:
			return nil
		default:
			h.done(func() { h.counts.Lost++ })
			return nil
		}
	}
	select {
	case lane <- m:
		return nil
	case <-ctx.Done():
		h.done(nil)
		return ctx.Err()
	case <-h.ctx.Done():
		h.done(nil)
		return errClosed
	}
}

// admit counts a webhook in, starts the senders at the first one, and returns its lane.
func (h *hooks) admit(group string) (chan mail, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errClosed
	}
	if !h.started {
		h.started = true
		for i := range h.lanes {
			h.lanes[i] = make(chan mail, hookQueue)
			h.senders.Add(1)
			go h.run(h.lanes[i])
		}
	}
	h.pending++
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(group)) // never fails
	return h.lanes[sum.Sum32()%hookLanes], nil
}

func (h *hooks) run(lane chan mail) {
	defer h.senders.Done()
	for {
		select {
		case <-h.ctx.Done():
			return
		case m := <-lane:
			h.attempt(m)
		}
	}
}

// attempt sends a queued webhook once and sees to its repetition.
func (h *hooks) attempt(m mail) {
	got, err := h.post(m)
	if err == nil || m.attempt >= len(m.pauses) || !m.again(got, err) {
		h.done(func() {
			if err != nil {
				h.counts.Lost++
			}
		})
		return
	}
	pause := m.pauses[m.attempt]
	m.attempt++
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting >= hookRetries || h.closed {
		h.counts.Lost++
		h.settle()
		return
	}
	h.waiting++
	h.senders.Add(1)
	go func() {
		defer h.senders.Done()
		err := sleep(h.ctx, pause)
		h.mu.Lock()
		h.waiting--
		h.mu.Unlock()
		if err != nil {
			h.done(nil)
			return
		}
		h.attempt(m)
	}()
}

// post sends a webhook once, remembers the attempt and returns the answer. The error is nil when
// the provider would take it for delivered.
func (h *hooks) post(m mail) (heard, error) {
	at := time.Now()
	got, err := h.roundTrip(m)
	hook := Hook{Provider: m.provider, Name: m.name, Group: m.group, At: at, Took: time.Since(at), Attempt: m.attempt + 1, Status: got.status}
	if err == nil && !m.good(got.status, got.body) {
		err = fmt.Errorf("the bot's answer to %s (HTTP %d) is not one of success", m.name, got.status)
	}
	if hook.OK = err == nil; !hook.OK {
		hook.Err = err.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts.Sent++
	if m.attempt > 0 {
		h.counts.Retried++
	}
	if !hook.OK {
		h.counts.Failed++
	}
	if len(h.kept) < hookKept {
		h.kept = append(h.kept, hook)
	} else {
		h.kept[h.next] = hook
		h.next = (h.next + 1) % hookKept
	}
	return got, err
}

func (h *hooks) roundTrip(m mail) (heard, error) {
	ctx, cancel := context.WithTimeout(h.ctx, m.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.target(), bytes.NewReader(m.body))
	if err != nil {
		return heard{}, fmt.Errorf("building %s: %w", m.name, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		return heard{}, fmt.Errorf("sending %s: %w", m.name, errors.Unwrap(err)) // without the URL, which holds the signature
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, hookAnswer))
	if err != nil {
		return heard{status: resp.StatusCode}, fmt.Errorf("reading the answer to %s: %w", m.name, err)
	}
	return heard{resp.StatusCode, body}, nil
}

// done counts a queued webhook out.
func (h *hooks) done(count func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if count != nil {
		count()
	}
	h.settle()
}

// settle counts one out and wakes those who wait for quiet. The caller holds the lock.
func (h *hooks) settle() {
	h.pending--
	if h.pending == 0 && h.idle != nil {
		close(h.idle)
		h.idle = nil
	}
}

func (h *hooks) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.senders.Wait()
	h.client.CloseIdleConnections()
}
