// Package provider holds what the HTTP clients of all providers share: deadlines, bounds and
// request metrics. It knows no provider's format and never retries.
package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Bounds of one provider call. Tencent's servers give up after 3 s
// (https://www.tencentcloud.com/document/product/1047/34620), so a client waits longer than that.
const (
	CallTimeout   = 8 * time.Second
	MaxAnswer     = 1 << 20 // bytes of an answer's body
	maxIdlePerAPI = 64
)

// ErrAnswerTooLarge is returned for an answer over MaxAnswer.
var ErrAnswerTooLarge = errors.New("answer over 1 MiB")

// Answer is an HTTP answer, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Caller makes HTTP calls for one provider. It keeps connections alive and follows no redirect.
type Caller struct {
	client   *http.Client
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewCaller returns a Caller that registers its metrics with reg, labelled by the provider's name.
func NewCaller(reg prometheus.Registerer, name string) *Caller {
	reg = prometheus.WrapRegistererWith(prometheus.Labels{"provider": name}, reg)
	c := &Caller{
		client: &http.Client{
			Timeout: CallTimeout,
			Transport: &http.Transport{
				DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				Proxy:                 http.ProxyFromEnvironment,
				TLSHandshakeTimeout:   3 * time.Second,
				ResponseHeaderTimeout: CallTimeout,
				IdleConnTimeout:       90 * time.Second,
				MaxIdleConns:          4 * maxIdlePerAPI,
				MaxIdleConnsPerHost:   maxIdlePerAPI,
				MaxConnsPerHost:       maxIdlePerAPI,
				ForceAttemptHTTP2:     true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "groupguard_provider_requests_total",
			Help: "Calls to a provider by API and by the provider's answer code.",
		}, []string{"api", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "groupguard_provider_request_duration_seconds",
			Help:    "Time that a provider took to answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"api"}),
	}
	reg.MustRegister(c.requests, c.seconds)
	return c
}

// Do makes one call of an API and reads the answer whole. An error means that the outcome is
// unknown; it names the API and never the URL, which may hold a credential.
func (c *Caller) Do(ctx context.Context, api string, req *http.Request) (Answer, error) {
	start := time.Now()
	defer func() { c.seconds.WithLabelValues(api).Observe(time.Since(start).Seconds()) }()
	resp, err := c.client.Do(req.WithContext(ctx))
	if err != nil {
		return Answer{}, fmt.Errorf("calling %s: %w", api, withoutURL(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return Answer{}, fmt.Errorf("reading the answer of %s: %w", api, withoutURL(err))
	}
	if len(body) > MaxAnswer {
		return Answer{}, fmt.Errorf("reading the answer of %s: %w", api, ErrAnswerTooLarge)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// Count counts a call under the code that it was answered with; "error" when there was no answer.
// A code that does not look like one (over 64 bytes, or odd characters) counts as "other", so that
// a hostile answer cannot make new series without bound.
func (c *Caller) Count(api, code string) {
	c.requests.WithLabelValues(api, label(code)).Inc()
}

// Close drops idle connections.
func (c *Caller) Close() { c.client.CloseIdleConnections() }

func label(code string) string {
	if code == "" || len(code) > 64 {
		return "other"
	}
	if _, err := strconv.Atoi(code); err == nil {
		return code
	}
	for _, r := range code {
		if r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "other"
		}
	}
	return code
}

// withoutURL unwraps the error that net/http wraps with the request's URL.
func withoutURL(err error) error {
	type urlError interface{ Unwrap() error }
	if u, ok := err.(urlError); ok && u.Unwrap() != nil {
		return u.Unwrap()
	}
	return err
}
