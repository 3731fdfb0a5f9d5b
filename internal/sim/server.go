package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is both providers. Make one with New and Close it.
type Server struct {
	options Options
	world   *World
	history history
	windows windows
	script  script
	nonces  nonces
	hooks   *hooks
	playing sync.Mutex // one scene at a time from the control surface

	commands   map[string]command   // Tencent's, never changed
	operations map[string]operation // of CAMS, never changed

	ctx    context.Context // ends with Close; slow answers and webhooks heed it
	cancel context.CancelFunc
}

// New returns a server without groups that answers through Handler or Start.
func New(o Options) *Server {
	o = o.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{options: o, ctx: ctx, cancel: cancel, commands: commands(), operations: operations()}
	s.world = &World{server: s, groups: map[string]*group{}, rng: rand.New(rand.NewPCG(o.Seed, 1))}
	s.history.size = o.HistorySize
	s.script.rng = rand.New(rand.NewPCG(o.Seed, 2))
	s.hooks = newHooks(ctx)
	s.hooks.point(o.Tencent.HookURL, o.CAMS.HookURL)
	return s
}

// Options returns the options in force, defaults filled in: a client needs their credentials.
func (s *Server) Options() Options { return s.options }

// World returns the groups.
func (s *Server) World() *World { return s.world }

// PointAt sends webhooks to a bot at this address, such as http://127.0.0.1:8080, on the bot's
// usual paths.
func (s *Server) PointAt(base string) {
	base = strings.TrimRight(base, "/")
	s.hooks.point(base+"/webhook/tencent", base+"/webhook/cams/"+s.options.CAMS.WebhookSecret)
}

// SetHooks sends webhooks to these addresses; an empty one sends none.
func (s *Server) SetHooks(tencent, cams string) { s.hooks.point(tencent, cams) }

// Close ends webhooks and slow answers and waits for them.
func (s *Server) Close() {
	s.cancel()
	s.hooks.close()
}

func (s *Server) now() time.Time { return s.options.Now() }

// Handler serves Tencent under /v4/, the control surface under /sim/ and CAMS on /.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v4/", s.serveTencent)
	mux.HandleFunc("/", s.serveCAMS)
	s.control(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would clean odd paths by a redirect, which no provider does.
		if strings.Contains(r.URL.Path, "//") || strings.Contains(r.URL.Path, "/.") {
			http.NotFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Start listens on addr, such as 127.0.0.1:0, and serves until stop is called. stop also closes
// the server.
func (s *Server) Start(addr string) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("starting the simulator: %w", err)
	}
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      5 * time.Minute, // room for an answer of one byte a second
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Serve(l) // ends with ErrServerClosed when stop is called
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			s.cancel()
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if err := h.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
				_ = h.Close() // what is left is cut off, as meant
			}
			<-done
			s.Close()
		})
	}
	return "http://" + l.Addr().String(), stop, nil
}
