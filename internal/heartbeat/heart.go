package heartbeat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	// timeout is how long a beat may take: as long as Tencent waits for an answer
	// (https://trtc.io/document/34354, 2025), and less than the shortest interval.
	timeout   = 2 * time.Second
	maxAnswer = 4 << 10 // bytes that are read of an answer
	// grace is what a beat on its way has once the context ends, so that a store that hangs does not
	// use up the time of a stop.
	grace = 200 * time.Millisecond
)

// errAnswer says that a beat was not let in.
var errAnswer = errors.New("answered otherwise")

// Config is what a Heart is made of.
type Config struct {
	Every time.Duration // between two beats of a line, 10 s or more; 0: none are sent
	Lines []Line
	// Parts is how many partitions the store has, and PartOf the one of a group, from 0: beats take
	// turns in them.
	Parts  int
	PartOf func(chat.Group) int
	// Transport carries requests; nil: one that makes a connection for each.
	Transport http.RoundTripper
	Metrics   prometheus.Registerer
	Log       *slog.Logger
}

// Heart sends beats, tells them from other events, and measures how far they come. It is safe for
// concurrent use.
type Heart struct {
	cfg   Config
	lines []*line
}

// New returns a Heart that does not beat yet, and registers its metrics.
func New(c Config) *Heart {
	if c.Transport == nil {
		// No proxy of the environment, and nothing that an earlier beat has opened.
		c.Transport = &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: timeout}
	}
	h := &Heart{cfg: c}
	m, now := newMetrics(c.Metrics, c.Every), time.Now()
	for _, l := range c.Lines {
		one := newLine(l, c.Parts, c.PartOf)
		if c.Every > 0 {
			one.series = m.of(l.Provider, now)
		}
		h.lines = append(h.lines, one)
	}
	return h
}

// Run sends beats to the webhook port at an address until the context ends, the first at once.
func (h *Heart) Run(ctx context.Context, addr string) {
	if h.cfg.Every <= 0 {
		return
	}
	var lines sync.WaitGroup
	for _, l := range h.lines {
		lines.Go(func() { h.run(ctx, l, addr) })
	}
	lines.Wait()
}

// run sends the beats of one line. None waits for the one before, as that has ended by then. Only what
// changes is logged.
func (h *Heart) run(ctx context.Context, l *line, addr string) {
	tick := time.NewTicker(h.cfg.Every)
	defer tick.Stop()
	failing := false
	for n := 0; ctx.Err() == nil; n++ {
		err := h.beat(ctx, l, addr, n)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			h.cfg.Log.Warn("the bot's own heartbeat is not answered", "provider", l.Provider, "error", err)
		case err == nil && failing:
			h.cfg.Log.Info("the bot's own heartbeat is answered again", "provider", l.Provider)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// beat sends one beat and counts what comes of it. One that is on its way when the context ends may come
// to its end; that the port closes meanwhile is no failure.
func (h *Heart) beat(ctx context.Context, l *line, addr string, n int) error {
	e := beatOf(l, n, time.Now())
	l.series.sent.Inc()
	err := h.post(ctx, l, addr, e)
	switch {
	case err == nil:
		l.series.answered.reached(e.At, time.Now())
	case ctx.Err() == nil:
		l.series.failed.Inc()
	}
	return err
}

// post makes the request; it has little time left once the context ends. No error names its path, which may be a secret.
func (h *Heart) post(end context.Context, l *line, addr string, e *chat.Event) error {
	target, body, err := l.Request(e)
	if err != nil {
		return fmt.Errorf("encoding a heartbeat: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(end), timeout)
	defer cancel()
	stop := context.AfterFunc(end, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+target, bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook's address is none")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "groupguard-heartbeat")
	resp, err := h.cfg.Transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("sending a heartbeat to %s: %w", addr, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return fmt.Errorf("reading the answer to a heartbeat from %s: %w", addr, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", errAnswer, http.StatusText(resp.StatusCode))
	}
	return nil
}

// CarriedOut tells that a beat's action was carried out by this process, and that this is stored. It
// does not block.
func (h *Heart) CarriedOut(a *chat.Action) {
	if h.cfg.Every <= 0 || a.Group.Provider != chat.Heartbeat {
		return
	}
	for _, l := range h.lines {
		if l.of(a.Group) {
			l.series.carried.reached(a.EventAt, time.Now())
		}
	}
}
