package heartbeat

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

const secret = "sample-webhook-secret"

// partOf is any function of a group.
func partOf(parts int) func(chat.Group) int {
	return func(g chat.Group) int {
		h := fnv.New32a()
		_, _ = h.Write([]byte(string(g.Provider) + "\x00" + string(g.Account) + "\x00" + string(g.ID)))
		return int(h.Sum32()>>7) % parts
	}
}

// lineTo returns a line whose requests say in plain what they tell of, and whose path holds its secret.
func lineTo(p chat.Provider, account chat.Account, secret string) Line {
	return Line{Provider: p, Account: account, Secret: secret, Request: func(e *chat.Event) (string, []byte, error) {
		body, err := json.Marshal(e)
		return "/webhook/" + string(p) + "/" + secret, body, err
	}}
}

// rig is a heart and what it meets.
type rig struct {
	*Heart
	reg *prometheus.Registry
	log bytes.Buffer

	mu    sync.Mutex // guards the fields below
	beats []sent
	meet  func(r *http.Request) (*http.Response, error) // nil: 200
}

// sent is a beat on its way to the webhook.
type sent struct {
	at    time.Time
	path  string
	event chat.Event
}

var errNobody = errors.New("connection refused")

func build(t *testing.T, every time.Duration, parts int, lines ...Line) *rig {
	t.Helper()
	r := &rig{reg: prometheus.NewRegistry()}
	r.Heart = New(Config{
		Every: every, Lines: lines, Parts: parts, PartOf: partOf(parts), Transport: r, Metrics: r.reg, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	})
	return r
}

// RoundTrip implements http.RoundTripper.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	one := sent{at: time.Now(), path: req.URL.Path}
	if err := json.Unmarshal(body, &one.event); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.beats = append(r.beats, one)
	meet := r.meet
	r.mu.Unlock()
	if meet != nil {
		return meet(req)
	}
	return status(http.StatusOK), nil
}

func (r *rig) becomes(meet func(*http.Request) (*http.Response, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meet = meet
}

func (r *rig) sent() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beats
}

func status(code int) *http.Response {
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("an answer"))}
}

func refuse(*http.Request) (*http.Response, error) { return nil, errNobody }

// hang answers nothing, for as long as it is asked to.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// metrics compares all series of the heart.
func (r *rig) metrics(t *testing.T, name, want string) {
	t.Helper()
	var text strings.Builder
	if want != "" {
		families, err := r.reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == name {
				text.WriteString("# HELP " + name + " " + f.GetHelp() + "\n# TYPE " + name + " " + strings.ToLower(f.GetType().String()) + "\n" + want)
			}
		}
	}
	if err := testutil.GatherAndCompare(r.reg, strings.NewReader(text.String()), name); err != nil {
		t.Error(err)
	}
}
