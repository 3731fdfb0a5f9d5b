package webhook

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/netutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// Limits of the webhook port. Tencent waits 2 s for an answer (https://trtc.io/document/34354,
// 2025), CAMS 3 s, so events that are not stored after storeTimeout are refused while the sender
// still listens.
const (
	MaxBody       = 1 << 20 // bytes
	headerTimeout = 2 * time.Second
	bodyTimeout   = 5 * time.Second
	storeTimeout  = 1500 * time.Millisecond
	maxHeader     = 16 << 10
	maxConns      = 8192
	maxInFlight   = 512 // authenticated requests whose body is in memory
)

// Config is what a Server is made of.
type Config struct {
	Codecs  []Codec
	Handler Handler
	Now     func() time.Time
	Metrics prometheus.Registerer
	Panics  prometheus.Counter // counts requests that ended in a panic of ours; nil: nobody wants to know
	Log     *slog.Logger

	bodyTimeout time.Duration // tests shorten it
}

// Server serves POST /webhook/<provider> for every codec, and nothing else.
type Server struct {
	cfg     Config
	metrics *metrics
	flights chan struct{} // one token per authenticated request whose body is in memory
	buffers sync.Pool     // of *bytes.Buffer
	http    *http.Server

	unstored untold
	refusals map[chat.Provider]*refusals // never changes
}

// New returns a Server that is not listening yet, and registers its metrics.
func New(c Config) *Server {
	if c.bodyTimeout == 0 {
		c.bodyTimeout = bodyTimeout
	}
	if c.Panics == nil {
		c.Panics = prometheus.NewCounter(prometheus.CounterOpts{})
	}
	s := &Server{cfg: c, metrics: newMetrics(c.Metrics), flights: make(chan struct{}, maxInFlight), refusals: map[chat.Provider]*refusals{}}
	s.buffers.New = func() any { return new(bytes.Buffer) }
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect() // a forwarded address in a header is the sender's claim
	e.HTTPErrorHandler = notFound
	for _, codec := range c.Codecs {
		s.refusals[codec.Provider()] = &refusals{byReason: map[string]int{}}
		e.POST(codec.Route(), s.handler(codec))
	}
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout + c.bodyTimeout, // also for the body of a request that was refused unread
		WriteTimeout:      c.bodyTimeout + storeTimeout + 5*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers requests on the listener until Shutdown. It returns nil after that.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(netutil.LimitListener(l, maxConns)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops accepting and waits for requests in progress until the context ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// ServeHTTP lets tests and benchmarks call the server without a listener.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// notFound answers what is no webhook, and errors of the router, without saying why.
func notFound(err error, c echo.Context) {
	status := http.StatusNotFound
	var he *echo.HTTPError
	if errors.As(err, &he) && he.Code == http.StatusMethodNotAllowed {
		status = he.Code
	}
	if !c.Response().Committed {
		_ = c.JSONBlob(status, nothingHere(status))
	}
}

// nothingHere is the body for what does not exist here, and for what must look as if it did not.
func nothingHere(status int) []byte {
	return []byte(`{"error":"` + http.StatusText(status) + `"}`)
}
