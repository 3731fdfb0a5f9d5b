package heartbeat

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// over builds a heart with the transport that it has in a bot.
func over() *Heart {
	return New(Config{
		Every: time.Minute, Lines: []Line{lineTo(chat.Tencent, "1", secret)}, Parts: 1, PartOf: partOf(1),
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
}

func TestEachBeatMakesAConnection(t *testing.T) {
	addresses := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addresses <- r.RemoteAddr
		if r.Method != http.MethodPost || r.URL.Path != "/webhook/tencent/"+secret || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	h := over()
	for n := range 3 {
		if err := h.beat(t.Context(), h.lines[0], server.Listener.Addr().String(), n); err != nil {
			t.Error(err)
		}
	}
	seen := map[string]bool{}
	for range 3 {
		seen[<-addresses] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d connections for 3 beats", len(seen))
	}
}

func TestABeatFollowsNobodyElsewhere(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a beat went elsewhere") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	t.Setenv("HTTP_PROXY", elsewhere.URL)
	t.Setenv("http_proxy", elsewhere.URL)
	h := over()
	if err := h.beat(t.Context(), h.lines[0], server.Listener.Addr().String(), 0); err == nil {
		t.Error("a redirect counts as an answer")
	}
}

func TestErrorsNameNoPath(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	addr := server.Listener.Addr().String()
	h := over()
	broken := *h.lines[0]
	broken.Request = func(*chat.Event) (string, []byte, error) { return "/" + secret + "\x7f", nil, nil }
	refused := h.beat(t.Context(), h.lines[0], addr, 0)
	server.Close()
	for what, err := range map[string]error{
		"refused": refused, "nobody there": h.beat(t.Context(), h.lines[0], addr, 0), "no path": h.beat(t.Context(), &broken, addr, 0),
	} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A bot that listens on all addresses names none of them.
func TestABeatFindsAPortOnAllAddresses(t *testing.T) {
	for _, network := range []string{"tcp", "tcp4"} {
		l, err := net.Listen(network, ":0")
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		server.Listener.Close()
		server.Listener = l
		server.Start()
		h := over()
		if err := h.beat(t.Context(), h.lines[0], l.Addr().String(), 0); err != nil {
			t.Errorf("%s %s: %v", network, l.Addr(), err)
		}
		server.Close()
	}
}
