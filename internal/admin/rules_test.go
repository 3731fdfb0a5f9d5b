package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

const inForce = `version: 1
defaults: {mode: enforce, brake: {removals: 20, within: 5m}}
rules:
  - id: casino
    title: Casinos
    on: message
    providers: [tencent]
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
`

// shelf are rules without files.
type shelf struct {
	refused bool
	hold    chan struct{} // when not nil, a check waits until it is closed
	entered chan struct{}
}

func load(text []byte) (*policy.Rules, []policy.Problem) {
	return policy.Load(policy.Source{Name: "rules.yaml", Data: text}, time.Now())
}

func (s *shelf) InForce() admin.RulesInForce {
	rules, problems := load([]byte(inForce))
	if s.refused {
		problems = []policy.Problem{{File: "rules.yaml", Line: 2, Column: 1, Severity: policy.SeverityError, Text: "wrong", Hint: "right"}, {Severity: policy.SeverityWarning}}
	}
	return admin.RulesInForce{Rules: rules, File: "rules.yaml", Text: []byte(inForce), At: time.Unix(1, 0), Refused: s.refused, Problems: problems}
}

func (s *shelf) Check(ctx context.Context, text []byte) (*policy.Rules, []policy.Problem) {
	if at, ok := ctx.Deadline(); !ok || time.Until(at) > 10*time.Second {
		return nil, []policy.Problem{{Severity: policy.SeverityError, Text: "without a deadline of its own"}}
	}
	if s.hold != nil {
		s.entered <- struct{}{}
		<-s.hold
	}
	return load(text)
}

func (s *shelf) Replay(ctx context.Context, text []byte, events io.Reader, q admin.ReplayRequest) (*trial.Report, []policy.Problem, error) {
	if text == nil {
		text = []byte(inForce)
	}
	rules, problems := load(text)
	if rules == nil {
		return nil, problems, nil
	}
	report, err := trial.Replay(ctx, trial.NewReader(events, "events"), trial.ReplayConfig{Rules: rules, Samples: q.Samples, SkipBad: q.SkipBad, ShowText: q.ShowText})
	return report, nil, err
}

func withRules(s *shelf, log io.Writer) *admin.Server {
	return admin.New(admin.Config{Token: token, Gatherer: prometheus.NewRegistry(), Rules: s, Log: slog.New(slog.NewTextHandler(log, nil)), Reload: func() error {
		if s.refused {
			return errors.New("rules.yaml:2:1: error: wrong (right)")
		}
		return nil
	}, Doctor: func(context.Context, bool) doctor.Report { return doctor.Report{} }})
}

// send makes a request with a body of a media type.
func send(s *admin.Server, method, path, media string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1/"+path, body)
	r.Header.Set("Authorization", "Bearer "+token)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// form writes a form of parts, by name and text in turn.
func form(parts ...string) (media string, body io.Reader) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, _ := m.CreateFormFile(parts[i], parts[i]) // into memory
		_, _ = io.WriteString(w, parts[i+1])
	}
	_ = m.Close()
	return m.FormDataContentType(), &b
}

func event(text string) string {
	return fmt.Sprintf(`{"at":"2026-11-20T09:00:00Z","provider":"tencent","group":"g","kind":"message","member":"m","text":%q}`+"\n", text)
}

func TestRulesAPI(t *testing.T) {
	other := strings.Replace(inForce, "casino\"", "poker\"", 1)
	for _, tt := range []struct {
		name, method, path, media, body string
		status                          int
		want                            string
	}{
		{"the rules in force", "GET", "rules", "", "", 200, `"providers":["tencent"],"line":4,"paused":[]`},
		{"their text", "GET", "rules/source", "", "", 200, inForce},
		{"a check of the same", "POST", "rules/check", "application/yaml", inForce, 200, `"counts":{"rules":1,"errors":0`},
		{"a check with a character set", "POST", "rules/check", "application/yaml; charset=utf-8", inForce, 200, `"errors":0`},
		{"a check of what is broken", "POST", "rules/check", "application/yaml", "version: 1\nrules: 7\n", 200, `"line":2,"column":8,"severity":"error","text":"rules must be a list"`},
		{"a check of nothing", "POST", "rules/check", "application/yaml", "", 200, `"errors":1`},
		{"a check of JSON", "POST", "rules/check", "application/json", inForce, 415, "Content-Type: application/yaml"},
		{"a check of too much", "POST", "rules/check", "application/yaml", strings.Repeat("#", policy.MaxFile+1), 413, "over 4096 KiB"},
		{"a check that names another path", "POST", "rules/check?file=/etc/passwd", "application/yaml", inForce, 400, "no parameter"},
		{"a replay", "POST", "rules/replay", "form", "events " + event("casino"), 200, `"hits":1`},
		{"a replay by other rules", "POST", "rules/replay", "form", "rules " + other + "\x00events " + event("casino"), 200, `"hits":0`},
		{"a replay that shows text", "POST", "rules/replay?show_text=true&samples=1", "form", "events " + event("casino royale"), 200, `"text":"casino royale"`},
		{"a replay that does not", "POST", "rules/replay", "form", "events " + event("casino"), 200, `"samples":[{"code":`},
		{"a replay of what is no event", "POST", "rules/replay", "form", "events " + event("x") + "nonsense\n", 422, `"file":"events","line":2`},
		{"a replay past that", "POST", "rules/replay?skip_bad=true", "form", "events " + event("casino") + "nonsense\n", 200, `"bad_lines":1`},
		{"a replay of nothing", "POST", "rules/replay", "form", "rules " + other, 400, `no part \"events\"`},
		{"a replay by broken rules", "POST", "rules/replay", "form", "rules version: 2\x00events " + event("x"), 422, `"severity":"error"`},
		{"rules behind the events", "POST", "rules/replay", "form", "events " + event("x") + "\x00rules " + other, 400, "nothing may stand behind"},
		{"another part", "POST", "rules/replay", "form", "file x", 400, `a part \"file\"`},
		{"no form", "POST", "rules/replay", "application/json", "{}", 415, "multipart/form-data"},
		{"a form without a border", "POST", "rules/replay", "multipart/form-data", "x", 400, "not the form"},
		{"too many samples", "POST", "rules/replay?samples=1001", "form", "events " + event("x"), 400, "samples is not 0 to 1000"},
		{"too many events", "POST", "rules/replay", "form", "events " + strings.Repeat("\n", 100_001), 413, "100000 lines"},
		{"a reload", "POST", "reload", "", "", 200, `"status":"reloaded","hash":"`},
		{"a reload by GET", "GET", "reload", "", "", 405, ""},
	} {
		media, body := tt.media, io.Reader(strings.NewReader(tt.body))
		if media == "form" {
			var parts []string
			for part := range strings.SplitSeq(tt.body, "\x00") {
				name, text, _ := strings.Cut(part, " ")
				parts = append(parts, name, text)
			}
			media, body = form(parts...)
		}
		w := send(withRules(&shelf{}, io.Discard), tt.method, tt.path, media, body)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: got %d %.300s, want %d with %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
	}
}

func TestAReplayTakesNoMoreThanItsBound(t *testing.T) {
	pipe, in := io.Pipe()
	m := multipart.NewWriter(in)
	wrote := make(chan int, 1)
	go func() { // 40 MiB in lines of 1 KiB, as far as they are read
		w, _ := m.CreateFormField("events")
		n := 0
		for line := []byte(strings.Repeat(" ", 1023) + "\n"); n < 40<<10; n++ {
			if _, err := w.Write(line); err != nil {
				break
			}
		}
		wrote <- n
	}()
	w := send(withRules(&shelf{}, io.Discard), "POST", "rules/replay", m.FormDataContentType(), pipe)
	_ = pipe.Close()
	if n := <-wrote; w.Code != http.StatusRequestEntityTooLarge || n > 33<<10 {
		t.Errorf("got %d after %d KiB: %s", w.Code, n, w.Body)
	}
}

func TestRefusedReload(t *testing.T) {
	var log bytes.Buffer
	s := withRules(&shelf{refused: true}, &log)
	w := send(s, "POST", "reload", "", http.NoBody)
	var said struct {
		Error    string
		Problems []policy.Problem
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code != 422 || len(said.Problems) != 1 || said.Problems[0].Hint != "right" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := send(s, "GET", "rules", "", http.NoBody); !strings.Contains(w.Body.String(), `"reload_refused":true`) {
		t.Errorf("the rules in force do not say so: %s", w.Body)
	}
	if !strings.Contains(log.String(), "/api/v1/reload") || strings.Contains(log.String(), token) {
		t.Errorf("the log says %s", log.String())
	}
}

func TestOneCostlyRequestAtATime(t *testing.T) {
	rules := &shelf{hold: make(chan struct{}), entered: make(chan struct{})}
	s := withRules(rules, io.Discard)
	first := make(chan int)
	go func() { first <- send(s, "POST", "rules/check", "application/yaml", strings.NewReader(inForce)).Code }()
	<-rules.entered
	media, body := form("events", event("x"))
	w := send(s, "POST", "rules/replay", media, body)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a second one: %d %s", w.Code, w.Body)
	}
	if w := send(s, "GET", "rules", "", http.NoBody); w.Code != http.StatusOK {
		t.Errorf("a cheap one: %d", w.Code)
	}
	if w := send(s, "GET", "doctor?offline=true", "", http.NoBody); w.Code != http.StatusOK {
		t.Errorf("an examination: %d %s", w.Code, w.Body)
	}
	close(rules.hold)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first: %d", code)
	}
	media, body = form("events", event("x"))
	if w := send(s, "POST", "rules/replay", media, body); w.Code != http.StatusOK {
		t.Errorf("the next: %d", w.Code)
	}
}
