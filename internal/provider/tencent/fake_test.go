package tencent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

// got is one call that the fake received.
type got struct {
	api   string
	query url.Values
	body  map[string]any
}

// fake is the little of Tencent that these tests need. Roles and types are what it is told; each
// API can be given answers that it gives first.
type fake struct {
	t  *testing.T
	mu sync.Mutex // guards the fields below

	calls   []got
	kind    string            // the group's type
	owner   string            // its owner, in get_group_info
	roles   map[string]string // by member; "Member" when missing
	answers map[string][]func(http.ResponseWriter)
	recalls map[float64]int // RetCodes by MsgSeq; 0 when missing
	spoil   string          // the account for which a call with it is refused with 10019

	members  int               // MemberNum
	settings map[string]string // of the group, by their names on the wire
	fixed    map[string]int    // settings that cannot be changed: the code of the refusal, 0 for none
	added    map[string]int    // Results of add_group_member by member; 1 when missing
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	c := got{api: strings.TrimPrefix(r.URL.Path, "/v4/group_open_http_svc/"), query: r.URL.Query()}
	if err := json.Unmarshal(raw, &c.body); err != nil {
		f.t.Errorf("%s: body %q: %v", c.api, raw, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c)
	if queue := f.answers[c.api]; len(queue) > 0 {
		f.answers[c.api] = queue[1:]
		queue[0](w)
		return
	}
	if f.spoil != "" && strings.Contains(string(raw), `"`+f.spoil+`"`) {
		code(10019)(w)
		return
	}
	switch c.api {
	case apiInfo:
		f.writeInfo(w, c)
	case apiModify:
		f.modify(w, c)
	case apiAdd:
		f.writeAdded(w, c)
	case apiRoles:
		f.writeRoles(w, c)
	case apiRecall:
		f.writeRecalls(w, c)
	default:
		code(0)(w)
	}
}

func (f *fake) writeRoles(w http.ResponseWriter, c got) {
	if f.kind == "AVChatRoom" {
		code(10007)(w)
		return
	}
	var list []map[string]string
	for _, m := range c.body["User_Account"].([]any) {
		role := f.roles[m.(string)]
		if role == "" {
			role = "Member"
		}
		list = append(list, map[string]string{"Member_Account": m.(string), "Role": role})
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"ActionStatus": "OK", "ErrorCode": 0, "UserIdList": list}); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) writeRecalls(w http.ResponseWriter, c got) {
	var list []map[string]any
	for _, m := range c.body["MsgSeqList"].([]any) {
		seq := m.(map[string]any)["MsgSeq"].(float64)
		list = append(list, map[string]any{"MsgSeq": seq, "RetCode": f.recalls[seq]})
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"ActionStatus": "OK", "ErrorCode": 0, "RecallRetList": list}); err != nil {
		f.t.Error(err)
	}
}

// code answers with a code, in the manner of Tencent.
func code(n int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		status := "OK"
		if n != 0 {
			status = "FAIL"
		}
		fmt.Fprintf(w, `{"ActionStatus":%q,"ErrorCode":%d,"ErrorInfo":"text of %d"}`, status, n, n)
	}
}

func (f *fake) apis() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, c := range f.calls {
		names = append(names, c.api)
	}
	return strings.Join(names, " ")
}

func (f *fake) last() got {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[len(f.calls)-1]
}

const testGroup = "@TGS#2J4SZEAEL"

// rig is a Sender with its fake.
type rig struct {
	*fake
	s     *Sender
	now   time.Time
	taken *taken
	reg   *prometheus.Registry
}

// taken is a Limiter that grants everything and remembers for what.
type taken struct {
	mu   sync.Mutex // guards keys
	keys []string
}

func (l *taken) Slow(context.Context, string, time.Duration) error { return nil }

func (l *taken) Take(_ context.Context, key string, _ actions.Rate) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, key)
	return 0, nil
}

func newRig(t *testing.T, set func(*SenderConfig, *fake)) *rig {
	t.Helper()
	r := &rig{now: testReceived, taken: &taken{}, reg: prometheus.NewRegistry()}
	r.fake = &fake{t: t, kind: "Public", roles: map[string]string{}, answers: map[string][]func(http.ResponseWriter){}, settings: map[string]string{}}
	srv := httptest.NewServer(r.fake)
	t.Cleanup(srv.Close)
	cfg := SenderConfig{SDKAppID: testAppID, Identifier: testAdmin, Key: vectorKey, Endpoint: srv.URL}
	if set != nil {
		set(&cfg, r.fake)
	}
	caller := provider.NewCaller(r.reg, "tencent")
	t.Cleanup(caller.Close)
	s, err := NewSender(cfg, caller, actions.Gate{Limiter: r.taken, Account: "a"}, func() time.Time { return r.now })
	if err != nil {
		t.Fatal(err)
	}
	r.s = s
	return r
}

// act returns an action against a member.
func act(kind chat.IntentKind, t chat.GroupType, member string) chat.Action {
	return chat.Action{
		Group: chat.Group{Provider: chat.Tencent, Account: testAppID, ID: testGroup}, GroupType: t,
		Member: chat.MemberID(member), Intent: chat.Intent{Kind: kind, Reason: "spam"},
	}
}

func removals(t chat.GroupType, members ...string) (out []chat.Action) {
	for _, m := range members {
		out = append(out, act(chat.Remove, t, m))
	}
	return out
}

// send routes a batch as the dispatcher would and returns the outcomes in short: class and code.
func (r *rig) send(t *testing.T, batch []chat.Action) []string {
	t.Helper()
	var out []string
	for _, o := range r.sendAll(t, batch) {
		out = append(out, fmt.Sprintf("%s %s", className(o.Class), o.Code))
	}
	return out
}

func (r *rig) sendAll(t *testing.T, batch []chat.Action) []actions.Outcome {
	t.Helper()
	route, err := r.s.Route(batch[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(batch) > route.Max {
		t.Fatalf("%d actions for %s, which takes %d", len(batch), route.API, route.Max)
	}
	out := r.s.Send(t.Context(), route, batch)
	if len(out) != len(batch) {
		t.Fatalf("%d outcomes for %d actions", len(out), len(batch))
	}
	return out
}

func className(c actions.Class) string {
	return [...]string{"OK", "Immune", "Again", "Limited", "Auth", "Permanent", "Suspect"}[c]
}
