package webhook

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// fakeCodec takes what a test says; it counts what it was asked for.
type fakeCodec struct {
	refuse  *chat.Refusal
	decoded atomic.Int64
	panics  bool
}

func (c *fakeCodec) Provider() chat.Provider { return chat.Tencent }

func (c *fakeCodec) Route() string { return "/webhook/tencent" }

func (c *fakeCodec) Authenticate(*http.Request, time.Time) error {
	if c.refuse != nil {
		return c.refuse
	}
	return nil
}

func (c *fakeCodec) Decode(_ *http.Request, body []byte, _ time.Time) (chat.Delivery, error) {
	c.decoded.Add(1)
	if c.panics {
		panic("broken decoder")
	}
	if !bytes.HasPrefix(body, []byte("{")) {
		return chat.Delivery{}, errors.New("not an object")
	}
	return chat.Delivery{Name: "message", Events: []chat.Event{{ID: "1"}}}, nil
}

func (c *fakeCodec) Answer(_ chat.Delivery, v []chat.Verdict) []byte {
	return fmt.Appendf(nil, `{"blocked":%t}`, v[0].Block)
}

func (c *fakeCodec) Refuse(status int, reason string) []byte {
	return fmt.Appendf(nil, `{"status":%d,"reason":%q}`, status, reason)
}

type handlerFunc func(context.Context, []chat.Event) ([]chat.Verdict, error)

func (f handlerFunc) Handle(ctx context.Context, e []chat.Event) ([]chat.Verdict, error) {
	return f(ctx, e)
}

func server(t *testing.T, codec Codec, h handlerFunc, reg *prometheus.Registry) *httptest.Server {
	t.Helper()
	if h == nil {
		h = func(_ context.Context, e []chat.Event) ([]chat.Verdict, error) {
			return make([]chat.Verdict, len(e)), nil
		}
	}
	s := New(Config{
		Codecs: []Codec{codec}, Handler: h, Now: time.Now, Metrics: reg,
		Log: slog.New(slog.DiscardHandler), bodyTimeout: time.Second,
	})
	ts := httptest.NewUnstartedServer(s)
	ts.Config = s.http
	ts.Start()
	t.Cleanup(ts.Close)
	return ts
}

func TestAnswers(t *testing.T) {
	away := func(context.Context, []chat.Event) ([]chat.Verdict, error) { return nil, errors.New("store is away") }
	hangs := func(ctx context.Context, _ []chat.Event) ([]chat.Verdict, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	block := func(context.Context, []chat.Event) ([]chat.Verdict, error) { return []chat.Verdict{{Block: true}}, nil }
	for _, tt := range []struct {
		name         string
		codec        *fakeCodec
		handler      handlerFunc
		method, path string
		header       string
		body         io.Reader
		status       int
		answer       string
		outcome      string
		decodes      int
	}{
		{name: "accepted", body: strings.NewReader("{}"), status: 200, answer: `{"blocked":false}`, outcome: accepted, decodes: 1},
		{name: "blocked", handler: block, body: strings.NewReader("{}"), status: 200, answer: `{"blocked":true}`, outcome: blocked, decodes: 1},
		{name: "forged, nothing is decoded", codec: &fakeCodec{refuse: &chat.Refusal{Status: 401, Reason: "bad signature"}},
			body: strings.NewReader("{}"), status: 401, answer: "bad signature", outcome: unauthorized},
		{name: "another path", path: "/webhook/other", body: strings.NewReader("{}"), status: 404, answer: "Not Found"},
		{name: "another method", method: "GET", body: http.NoBody, status: 405, answer: "Method Not Allowed"},
		{name: "wrong shape", body: strings.NewReader("[]"), status: 400, answer: "not what the provider sends", outcome: malformed, decodes: 1},
		{name: "too large and says so", body: bytes.NewReader(make([]byte, MaxBody+1)), status: 413, answer: "over 1 MiB", outcome: tooLarge},
		{name: "too large in chunks", body: io.MultiReader(bytes.NewReader(make([]byte, MaxBody)), strings.NewReader("x")),
			status: 413, answer: "over 1 MiB", outcome: tooLarge},
		{name: "exactly the limit", body: io.MultiReader(strings.NewReader("{"), bytes.NewReader(make([]byte, MaxBody-1))),
			status: 200, outcome: accepted, decodes: 1},
		{name: "compressed", header: "gzip", body: strings.NewReader("{}"), status: 415, answer: "encoding", outcome: unsupported},
		{name: "identity is no encoding", header: "identity", body: strings.NewReader("{}"), status: 200, outcome: accepted, decodes: 1},
		{name: "the store is away", handler: away, body: strings.NewReader("{}"), status: 503, answer: "cannot store", outcome: unavailable, decodes: 1},
		{name: "the store hangs", handler: hangs, body: strings.NewReader("{}"), status: 503, answer: "cannot store", outcome: unavailable, decodes: 1},
		{name: "a panic is no success", codec: &fakeCodec{panics: true}, body: strings.NewReader("{}"), status: 500,
			answer: "internal error", outcome: panicked, decodes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			codec, reg := tt.codec, prometheus.NewRegistry()
			if codec == nil {
				codec = &fakeCodec{}
			}
			ts := server(t, codec, tt.handler, reg)
			if tt.method == "" {
				tt.method = "POST"
			}
			if tt.path == "" {
				tt.path = "/webhook/tencent"
			}
			req, err := http.NewRequestWithContext(t.Context(), tt.method, ts.URL+tt.path, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != "" {
				req.Header.Set("Content-Encoding", tt.header)
			}
			resp, err := ts.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !strings.Contains(string(body), tt.answer) {
				t.Errorf("got %d %s, want %d with %q", resp.StatusCode, body, tt.status, tt.answer)
			}
			if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
				t.Errorf("content type %q", resp.Header.Get("Content-Type"))
			}
			if int(codec.decoded.Load()) != tt.decodes {
				t.Errorf("decoded %d times, want %d", codec.decoded.Load(), tt.decodes)
			}
			if tt.outcome != "" && countOf(t, reg, tt.outcome) != 1 {
				t.Errorf("outcome %q was not counted", tt.outcome)
			}
		})
	}
}

// countOf returns how many requests were counted with an outcome.
func countOf(t *testing.T, reg *prometheus.Registry, outcome string) (n int) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "groupguard_webhook_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" && l.GetValue() == outcome {
					n += int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return n
}

// dial opens a connection and sends the beginning of a request.
func dial(t *testing.T, ts *httptest.Server, text string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSlowBodyIsAnswered408(t *testing.T) {
	reg := prometheus.NewRegistry()
	ts := server(t, &fakeCodec{}, nil, reg)
	c := dial(t, ts, "POST /webhook/tencent HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\n\r\n{")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout || countOf(t, reg, tooSlow) != 1 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

func TestRefusedRequestWithoutItsBodyIsCutOff(t *testing.T) {
	ts := server(t, &fakeCodec{refuse: &chat.Refusal{Status: 401, Reason: "bad signature"}}, nil, prometheus.NewRegistry())
	c := dial(t, ts, "POST /webhook/tencent HTTP/1.1\r\nHost: bot\r\nContent-Length: 1000\r\n\r\n")
	if err := c.SetReadDeadline(time.Now().Add(headerTimeout + 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("the connection was not closed: %v", err)
	}
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	ts := server(t, &fakeCodec{}, nil, prometheus.NewRegistry())
	c := dial(t, ts, "POST /webhook/tencent HTTP/1.1\r\nHost: bot\r\nX-Slow: ")
	if err := c.SetReadDeadline(time.Now().Add(headerTimeout + 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("the connection was not closed: %v", err)
	}
}

func TestCutBodyIsNotDecoded(t *testing.T) {
	codec, reg := &fakeCodec{}, prometheus.NewRegistry()
	ts := server(t, codec, nil, reg)
	c := dial(t, ts, "POST /webhook/tencent HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\n\r\n{}")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || codec.decoded.Load() != 0 {
		t.Errorf("got %d, decoded %d times", resp.StatusCode, codec.decoded.Load())
	}
}

func TestMetricNamesAreWellFormed(t *testing.T) {
	reg := prometheus.NewRegistry()
	server(t, &fakeCodec{}, nil, reg)
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
