package cams

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/provider"
)

// reply is one answer of the fake.
type reply struct {
	status int
	body   string
	header map[string]string
	cut    bool // the connection ends without an answer
}

// fake is a CAMS endpoint that answers by script, API by API. The last answer of an API repeats.
type fake struct {
	t       *testing.T
	mu      sync.Mutex
	replies map[string][]reply
	calls   []url.Values // with the API under "Action"
	nonces  map[string]bool
}

const okAnswer = `{"Code":"OK","Success":true,"RequestId":"req-1","Result":1}`

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	api, q := r.Header.Get("x-acs-action"), r.URL.Query()
	nonce := r.Header.Get("x-acs-signature-nonce")
	business, channel := "BusinessNumber", "WHATSAPP"
	if api == apiSay {
		business, channel = "From", "whatsapp"
	}
	if r.Method != http.MethodPost || r.ContentLength != 0 || r.URL.Path != "/" || q.Get(business) != testBusiness ||
		q.Get("CustSpaceId") != testSpace || q.Get("ChannelType") != channel || f.nonces[nonce] || r.Header.Get("Authorization") == "" {
		f.t.Errorf("malformed call of %s: %s %s", api, r.Method, r.URL)
	}
	f.nonces[nonce] = true
	q.Set("Action", api)
	q.Set("Token", r.Header.Get("x-acs-security-token"))
	f.calls = append(f.calls, q)
	answer := reply{body: okAnswer}
	if list := f.replies[api]; len(list) > 0 {
		answer = list[0]
		if len(list) > 1 {
			f.replies[api] = list[1:]
		}
	}
	if answer.cut {
		panic(http.ErrAbortHandler)
	}
	for k, v := range answer.header {
		w.Header().Set(k, v)
	}
	if answer.status == 0 {
		answer.status = http.StatusOK
	}
	w.WriteHeader(answer.status)
	fmt.Fprint(w, answer.body)
}

// made returns the APIs that were called, in order.
func (f *fake) made() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var apis []string
	for _, c := range f.calls {
		apis = append(apis, c.Get("Action"))
	}
	return apis
}

// gateCount is a Limiter that grants everything and counts.
type gateCount struct {
	mu     sync.Mutex
	keys   []string
	slowed string // key and wait of the last refusal that was told of
}

func (g *gateCount) Slow(_ context.Context, key string, wait time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slowed = fmt.Sprint(key, " ", wait)
	return nil
}

func (g *gateCount) Take(_ context.Context, key string, _ actions.Rate) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keys = append(g.keys, key)
	return 0, nil
}

func (g *gateCount) taken() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.keys)
}

type rig struct {
	*fake
	gate   *gateCount
	keys   *Credentials
	client *Client
	sender *Sender
}

func newRig(t *testing.T, replies map[string][]reply) *rig {
	t.Helper()
	f := &fake{t: t, replies: replies, nonces: map[string]bool{}}
	srv := httptest.NewServer(f)
	caller := provider.NewCaller(prometheus.NewRegistry(), "cams")
	t.Cleanup(func() { caller.Close(); srv.Close() })
	n := 0
	keys := NewCredentials(func() (func() (AccessKey, error), error) {
		n++
		token := fmt.Sprintf("the-token-%d", n)
		return func() (AccessKey, error) { return AccessKey{ID: "the-id", Secret: "the-secret", Token: token}, nil }, nil
	}, time.Now)
	gate := &gateCount{}
	c, err := NewClient(ClientConfig{CustSpaceID: testSpace, BusinessNumber: "+" + testBusiness, Endpoint: srv.URL, CallsPerSecond: 5},
		caller, actions.Gate{Limiter: gate, Account: "cams"}, keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{fake: f, gate: gate, keys: keys, client: c, sender: NewSender(c)}
}
