// Package admin is the operator's port: metrics, health, version, and with a token the reload, the
// operator's desk, the rules and the doctor.
//
// It owns what is safe to show without a token and what is not. It must not judge events or reach
// into a store; everything it shows it is given.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/doctor"
)

// Config is what a Server is made of.
type Config struct {
	Token    string // bearer token; empty: only metrics, health and version are served
	Version  any    // answered as JSON on /version
	Gatherer prometheus.Gatherer
	// Ready returns why the bot cannot take events durably, each reason as a sentence; none when it
	// can. It is asked with a deadline.
	Ready func(ctx context.Context) []string
	// Degraded returns what the bot cannot do although it takes events durably, each as a sentence. It
	// stays ready: what it takes is carried out later. Nil: nothing ever is.
	Degraded func() []string
	// Reload reads the rules again and returns the problems that kept them out.
	Reload func() error
	// Desk is behind /api/v1/; nil: there is no such path.
	Desk *desk.Desk
	// Rules is behind /api/v1/rules; nil: there is no such path.
	Rules Rules
	// Spool lists so many of the events that the spool has given up, and what waits there; of 0, as many as
	// usual. Nil: there is no such path.
	Spool func(ctx context.Context, limit int) (desk.SpoolList, error)
	// Doctor examines the running bot, without calls to the providers when it is offline. Nil: there is
	// no such path.
	Doctor func(ctx context.Context, offline bool) doctor.Report
	Log    *slog.Logger
}

const (
	readyTimeout   = time.Second // of what /readyz waits for the store
	metricsTimeout = 10 * time.Second
)

// Server serves the admin port.
type Server struct {
	cfg     Config
	http    *http.Server
	routes  []Route
	trying  chan struct{} // held by the one check or replay that is worked on
	looking chan struct{} // held by the one examination that is worked on
	reread  chan struct{} // held by the one reload that is worked on
}

// New returns a Server that is not listening yet.
func New(c Config) *Server {
	s := &Server{cfg: c, trying: make(chan struct{}, 1), looking: make(chan struct{}, 1), reread: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	s.add(mux, s.open()...)
	if c.Token != "" {
		s.add(mux, Route{Method: "POST", Path: "/-/reload", Token: true, serve: s.reloadPlain})
	}
	if c.Token != "" && c.Desk != nil {
		s.add(mux, s.desk()...)
	}
	if c.Token != "" && c.Rules != nil {
		s.add(mux, s.rules()...)
		s.add(mux, Route{Method: "POST", Path: api + "reload", Token: true, do: s.reload})
	}
	if c.Token != "" && c.Spool != nil {
		s.add(mux, Route{Method: "GET", Path: api + "spool", Token: true, Query: []string{"limit"}, do: s.spool})
	}
	if c.Token != "" && c.Doctor != nil {
		s.add(mux, Route{Method: "GET", Path: api + "doctor", Token: true, Query: []string{"offline"}, do: oneAtATime(s.looking, "another examination", s.examine)})
	}
	if c.Token != "" {
		mux.HandleFunc(api, s.withToken(s.nothingThere(mux)))
	}
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers requests on the listener until Shutdown. It returns nil after that.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops the server and waits for requests in progress until the context ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// ServeHTTP lets tests call the server without a listener.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if reasons := s.cfg.Ready(ctx); len(reasons) > 0 {
		reply(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "reasons": reasons})
		return
	}
	if s.cfg.Degraded != nil {
		if reasons := s.cfg.Degraded(); len(reasons) > 0 {
			reply(w, http.StatusOK, map[string]any{"status": "degraded", "reasons": reasons})
			return
		}
	}
	reply(w, http.StatusOK, map[string]string{"status": "ready"})
}

// withToken lets a request through that carries the bearer token. Both sides are hashed, so that
// the comparison takes the same time whatever was sent.
func (s *Server) withToken(next http.HandlerFunc) http.HandlerFunc {
	want := sha256.Sum256([]byte(s.cfg.Token))
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			text := "a bearer token is needed (BOT_ADMIN_TOKEN)"
			if strings.EqualFold(scheme, "Bearer") && given != "" {
				text = "the bearer token is not the right one (BOT_ADMIN_TOKEN)"
			}
			w.Header().Set("WWW-Authenticate", "Bearer")
			reply(w, http.StatusUnauthorized, map[string]string{"error": text})
			return
		}
		next(w, r)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader went away: nobody is left to tell
}
