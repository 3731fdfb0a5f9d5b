package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/groupguard/groupguard/internal/chat"
)

// The outcomes of a request, as a metric label.
const (
	accepted     = "accepted"
	blocked      = "blocked"
	unauthorized = "unauthorized"
	malformed    = "malformed"
	tooLarge     = "too_large"
	unsupported  = "unsupported"
	tooSlow      = "timeout"
	unavailable  = "unavailable"
	panicked     = "panic"
)

// result is how one request ends.
type result struct {
	status  int
	outcome string
	event   string // what was delivered; "unknown" when it was not decoded
	body    []byte
	reason  string
}

// handler returns the Echo handler of one provider.
func (s *Server) handler(codec Codec) echo.HandlerFunc {
	name := string(codec.Provider())
	counts, refusals := s.metrics.of(codec), s.refusals[codec.Provider()]
	return func(c echo.Context) error {
		start := s.cfg.Now()
		res := s.serve(codec, c.Response().Writer, c.Request(), start)
		if res.body == nil {
			res.body = codec.Refuse(res.status, res.reason)
			if res.status == http.StatusNotFound {
				res.body = nothingHere(res.status) // a wrong secret looks like any wrong path
			}
			s.cfg.Log.Debug("webhook refused", "provider", name, "status", res.status, "reason", res.reason)
		}
		counts.ended(res.event, res.outcome)
		refusals.ended(&res)
		counts.seconds.Observe(s.cfg.Now().Sub(start).Seconds())
		h := c.Response().Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		if res.status == http.StatusRequestTimeout || res.status == http.StatusRequestEntityTooLarge {
			h.Set("Connection", "close") // the rest of the body is not read
		}
		c.Response().WriteHeader(res.status)
		_, err := c.Response().Write(res.body)
		return err
	}
}

// serve takes one request from authentication to the stored decision.
func (s *Server) serve(codec Codec, w http.ResponseWriter, r *http.Request, now time.Time) (res result) {
	res.event = "unknown"
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("webhook panicked", "provider", codec.Provider(), "panic", p, "stack", string(debug.Stack()))
			s.cfg.Panics.Inc()
			res = result{status: http.StatusInternalServerError, outcome: panicked, event: res.event, reason: "internal error"}
		}
	}()
	if err := codec.Authenticate(r, now); err != nil {
		status, reason := http.StatusUnauthorized, "not authenticated"
		var refusal *chat.Refusal
		if errors.As(err, &refusal) {
			status, reason = refusal.Status, refusal.Reason
		}
		s.metrics.refused.WithLabelValues(string(codec.Provider()), reason).Inc()
		return result{status: status, outcome: unauthorized, event: res.event, reason: reason}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return result{status: http.StatusUnsupportedMediaType, outcome: unsupported, event: res.event, reason: "content encoding is not supported"}
	}
	if r.ContentLength > MaxBody {
		return result{status: http.StatusRequestEntityTooLarge, outcome: tooLarge, event: res.event, reason: "body over 1 MiB"}
	}
	if !s.enter(r.Context()) {
		return result{status: http.StatusServiceUnavailable, outcome: unavailable, event: res.event, reason: "too many requests at once"}
	}
	defer func() { <-s.flights }()
	buf := s.buffers.Get().(*bytes.Buffer)
	defer s.putBuffer(buf)
	if res, ok := s.read(buf, w, r); !ok {
		return res
	}
	return s.judge(codec, r, buf.Bytes(), now)
}

// enter waits for room for one more body in memory; false when there is none in time.
func (s *Server) enter(ctx context.Context) bool {
	select {
	case s.flights <- struct{}{}:
		return true
	default:
	}
	t := time.NewTimer(storeTimeout)
	defer t.Stop()
	select {
	case s.flights <- struct{}{}:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

// read fills the buffer with the body; not ok with the result that ends the request.
func (s *Server) read(buf *bytes.Buffer, w http.ResponseWriter, r *http.Request) (res result, ok bool) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.bodyTimeout)) // unsupported by a test's recorder only
	_, err := buf.ReadFrom(io.LimitReader(r.Body, MaxBody+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return result{status: http.StatusRequestTimeout, outcome: tooSlow, event: "unknown", reason: "body too slow"}, false
	case err != nil:
		return result{status: http.StatusBadRequest, outcome: malformed, event: "unknown", reason: "body cut short"}, false
	case buf.Len() > MaxBody:
		return result{status: http.StatusRequestEntityTooLarge, outcome: tooLarge, event: "unknown", reason: "body over 1 MiB"}, false
	}
	return result{}, true
}

// judge decodes the body and hands its events on. The answer is made only after that returned.
func (s *Server) judge(codec Codec, r *http.Request, body []byte, now time.Time) result {
	d, err := codec.Decode(r, body, now)
	if err != nil {
		s.cfg.Log.Warn("webhook not understood", "provider", codec.Provider(), "err", err)
		return result{status: http.StatusBadRequest, outcome: malformed, event: "unknown", reason: "body is not what the provider sends"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	verdicts, err := s.cfg.Handler.Handle(ctx, d.Events)
	if err != nil {
		if left, ok := s.unstored.allow(now); ok {
			s.cfg.Log.Error("webhook not stored", "provider", codec.Provider(), "event", d.Name, "err", err, "not_told", left)
		}
		return result{status: http.StatusServiceUnavailable, outcome: unavailable, event: d.Name, reason: "cannot store the event now"}
	}
	res := result{status: http.StatusOK, outcome: accepted, event: d.Name, body: codec.Answer(d, verdicts)}
	for _, v := range verdicts {
		if v.Block {
			res.outcome = blocked
		}
	}
	return res
}

// putBuffer keeps a buffer for later requests, but not the memory of one large body. Decoders copy
// what they keep.
func (s *Server) putBuffer(b *bytes.Buffer) {
	if b.Cap() <= 64<<10 {
		b.Reset()
		s.buffers.Put(b)
	}
}
