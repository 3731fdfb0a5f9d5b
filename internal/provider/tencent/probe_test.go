package tencent

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/sim"
)

// probing returns a Sender in front of the simulator, with one setting changed.
func probing(t *testing.T, change func(*SenderConfig), web http.Handler) (*Sender, *sim.Server) {
	t.Helper()
	fake := sim.New(sim.Options{})
	if web == nil {
		web = fake.Handler()
	}
	server := httptest.NewServer(web)
	o := fake.Options().Tencent
	cfg := SenderConfig{SDKAppID: strconv.FormatUint(o.SDKAppID, 10), Identifier: "administrator", Key: o.SecretKey, Endpoint: server.URL}
	change(&cfg)
	caller := provider.NewCaller(prometheus.NewRegistry(), "tencent")
	s, err := NewSender(cfg, caller, actions.Gate{Limiter: &actions.LocalLimiter{}, Account: "a"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { caller.Close(); server.Close(); fake.Close() })
	return s, fake
}

func TestProbeTellsWhatIsWrongWithTheAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*SenderConfig)
		class  actions.Class
		code   string
	}{
		"nothing":         {func(*SenderConfig) {}, actions.OK, "0"},
		"the key":         {func(c *SenderConfig) { c.Key = strings.Repeat("0", 64) }, actions.Auth, "70003"},
		"the application": {func(c *SenderConfig) { c.SDKAppID = "1499999999" }, actions.Auth, "70020"},
		"the identifier":  {func(c *SenderConfig) { c.Identifier = "nobody" }, actions.Auth, "60010"},
		"the address":     {func(c *SenderConfig) { c.Endpoint = "http://127.0.0.1:1" }, actions.Again, "error"},
	} {
		s, fake := probing(t, tt.change, nil)
		for _, g := range []sim.Group{{Provider: sim.Tencent, ID: "g1", Type: sim.Public}, {Provider: sim.Tencent, ID: "g2", Type: sim.Private}, {Provider: sim.CAMS, ID: "wa", Type: sim.WhatsApp}} {
			if err := fake.World().AddGroup(g); err != nil {
				t.Fatal(err)
			}
		}
		p := s.Probe(t.Context())
		if p.Outcome.Class != tt.class || p.Outcome.Code != tt.code || p.API != "get_appid_group_list" {
			t.Errorf("%s: %+v", name, p)
		}
		if tt.class == actions.OK && p.Groups != 2 {
			t.Errorf("%s: %d groups", name, p.Groups)
		}
		if reached := tt.code != "error"; p.Timed != reached || p.Skew.Abs() > 5*time.Second {
			t.Errorf("%s: the clock is %s off, known: %v", name, p.Skew, p.Timed)
		}
	}
}

func TestProbeOfWhatIsNoTencent(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		code   string
	}{
		"a page":           {200, "<html>", "bad_answer"},
		"an empty object":  {200, "{}", "bad_answer"},
		"a proxy's status": {502, "{}", "http_502"},
		"half a success":   {200, `{"ErrorCode":0,"ActionStatus":"FAIL"}`, "bad_answer"},
	} {
		s, _ := probing(t, func(*SenderConfig) {}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		p := s.Probe(t.Context())
		if p.Outcome.Code != tt.code || p.Outcome.Class != actions.Again || (p.Skew-time.Hour).Abs() > 5*time.Second {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	s, _ := probing(t, func(*SenderConfig) {}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the caller has gone
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if p := s.Probe(ctx); p.Outcome.Code != outNoAnswer || strings.Contains(p.Outcome.Text, "usersig") {
		t.Errorf("got %+v", p.Outcome)
	}
}
