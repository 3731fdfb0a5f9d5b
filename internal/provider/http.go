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
	client  *http.Client
	metrics *metrics
}

// NewCaller returns a Caller that registers its metrics with reg, labelled by the provider's name.
func NewCaller(reg prometheus.Registerer, name string) *Caller {
	return &Caller{
		metrics: newMetrics(reg, name),
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
	}
}

// Do makes one call of an API and reads the answer whole. An error means that the outcome is
// unknown; it names the API and never the URL, which may hold a credential.
func (c *Caller) Do(ctx context.Context, api string, req *http.Request) (Answer, error) {
	start := time.Now()
	defer func() { c.metrics.seconds.WithLabelValues(api).Observe(time.Since(start).Seconds()) }()
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

// Close drops idle connections.
func (c *Caller) Close() { c.client.CloseIdleConnections() }

// withoutURL unwraps the error that net/http wraps with the request's URL.
func withoutURL(err error) error {
	type urlError interface{ Unwrap() error }
	if u, ok := err.(urlError); ok && u.Unwrap() != nil {
		return u.Unwrap()
	}
	return err
}
