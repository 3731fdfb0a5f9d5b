package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

const token = "sample-admin-token-0123"

// stocked is a server whose desk has one case, with the code that it returns.
func stocked(t *testing.T) (s *admin.Server, code string) {
	t.Helper()
	st, err := sqlite.Open(t.TempDir(), store.Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	g := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}
	c := chat.Case{
		ID: chat.NewCaseID(g, "e1"), Matches: []chat.Match{{Rule: "links", Mode: "enforce"}},
		Event:   chat.Event{At: time.Now(), Group: g, Kind: chat.Message, Member: "bob", Text: "the message"},
		Intents: []chat.Intent{{Kind: chat.Remove, Rule: "links"}},
	}
	c.Code = c.ID.Code()
	if _, err := st.Commit(t.Context(), []chat.Case{c}); err != nil {
		t.Fatal(err)
	}
	accounts := map[chat.Provider]chat.Account{chat.Tencent: "1400000000"}
	return withDesk(desk.New(desk.Config{Store: st, Now: time.Now, Accounts: accounts}), slog.DiscardHandler), c.Code
}

func withDesk(d *desk.Desk, log slog.Handler) *admin.Server {
	return admin.New(admin.Config{Token: token, Gatherer: prometheus.NewRegistry(), Desk: d, Log: slog.New(log)})
}

func ask(s *admin.Server, method, path, body, bearer string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestOperatorsAPI(t *testing.T) {
	s, code := stocked(t)
	big := `{"rule":"` + strings.Repeat("x", 64<<10) + `"}`
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"cases", "GET", "cases", "", 200, `"outcome":"remove pending"`},
		{"cases by all that there is", "GET", "cases?rule=links&group=%40TGS%231&member=bob&since=2026-01-01T00:00:00Z&until=2999-01-01T00:00:00Z&outcome=pending&limit=5&parts=true",
			"", 200, `"code":"` + code + `"`},
		{"cases of another rule", "GET", "cases?rule=other", "", 200, `{"cases":[]}`},
		{"a parameter that does not exist", "GET", "cases?rul=links", "", 400, `{"error":"\"rul\" is no parameter here"}`},
		{"a time that is none", "GET", "cases?since=8pm", "", 400, "since is not a time"},
		{"parts that are neither", "GET", "cases?parts=1", "", 400, "parts is neither true nor false"},
		{"a parameter twice", "GET", "cases?rule=links&rule=other", "", 400, "rule is given 2 times"},
		{"a parameter where there are none", "GET", "pauses?rule=links", "", 400, "is no parameter here"},
		{"a parameter of a change", "POST", "pause?rule=links", `{}`, 400, "is no parameter here"},
		{"a limit that is none", "GET", "cases?limit=many", "", 400, "limit is not a number"},
		{"a limit of nothing", "GET", "cases?limit=0", "", 400, "limit is not 1 or more"},
		{"a limit of less", "GET", "held?limit=-1", "", 400, "limit is not 1 or more"},
		{"a limit of too many", "GET", "dead?limit=1001", "", 400, "limit"},
		{"an outcome that does not exist", "GET", "cases?outcome=gone", "", 400, `outcome \"gone\"`},
		{"a broken query", "GET", "cases?rule=%zz", "", 400, "not well-formed"},
		{"a case by code", "GET", "cases/" + strings.ToLower(code), "", 200, `"text":"the message"`},
		{"no such case", "GET", "cases/00000000", "", 404, `{"error":"no case 00000000`},
		{"a path that climbs", "GET", "cases/..%2Fpauses", "", 404, `"error"`},
		{"dead letters", "GET", "dead?rule=links&id=" + code, "", 200, `{"letters":[]}`},
		{"held letters", "GET", "held", "", 200, `{"letters":[]}`},
		{"requeue", "POST", "dead/requeue", `{"all":true}`, 200, `"done":0`},
		{"requeue nothing that is named", "POST", "dead/requeue", `{}`, 400, "nothing is selected"},
		{"release", "POST", "held/release", `{"rule":"links"}`, 200, `"letters":0`},
		{"requeue is not for held letters", "POST", "held/requeue", `{"all":true}`, 404, `{"error":"there is no such path"}`},
		{"drop", "POST", "dead/drop", `{"ids":["` + code + `"]}`, 200, `"before":"`},
		{"drop held letters", "POST", "held/drop", `{"member":"bob"}`, 200, `"before":"`},
		{"drop by GET", "GET", "dead/drop", "", 405, `{"error":"this path takes POST"}`},
		{"a method that nobody has", "DELETE", "cases/" + code, "", 405, `{"error":"this path takes GET"}`},
		{"pause", "POST", "pause", `{"rule":"links","why":"a launch"}`, 200, `"by":"operator"`},
		{"pauses", "GET", "pauses", "", 200, `"why":"a launch"`},
		{"resume", "POST", "resume", `{"rule":"links"}`, 200, `"lifted":[{"rule":"links"`},
		{"a key that does not exist", "POST", "pause", `{"rul":"links"}`, 400, `unknown field`},
		{"not JSON", "POST", "pause", `links`, 400, "not the JSON"},
		{"nothing at all", "POST", "pause", ``, 400, "not the JSON"},
		{"two documents", "POST", "pause", `{"rule":"a"}{}`, 400, "behind the JSON"},
		{"a large document", "POST", "pause", big, 413, "over 64 KiB"},
		{"undo without saying whether it is a preview", "POST", "undo", `{"case":"` + code + `"}`, 400, `say \"preview\"`},
		{"undo since a time that is none", "POST", "undo", `{"rule":"links","since":"8pm","preview":true}`, 400, "a time is not one such as 2026-11-21T20:00:00Z"},
		{"undo since a number", "POST", "undo", `{"rule":"links","since":8,"preview":true}`, 400, "a time is not one such as 2026-11-21T20:00:00Z"},
		{"preview", "POST", "undo", `{"case":"` + code + `","preview":true}`, 200, `"undone":0`},
		{"undo", "POST", "undo", `{"case":"` + code + `","preview":false}`, 200, `"undone":1`},
		{"undo what undoes", "POST", "undo", `{"case":"UNDOING","preview":false}`, 409, "cannot be undone"},
		{"no such path", "GET", "secrets", "", 404, `{"error":"there is no such path"}`},
		{"the API itself", "POST", "", "", 404, `{"error":"there is no such path"}`},
	} {
		if strings.Contains(tt.body, "UNDOING") {
			list := ask(s, "GET", "cases?member=bob&parts=true&limit=1", "", token).Body.String()
			_, rest, _ := strings.Cut(list, `"code":"`)
			tt.body = strings.Replace(tt.body, "UNDOING", rest[:8], 1)
		}
		w := ask(s, tt.method, tt.path, tt.body, token)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: got %d %s, want %d with %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
		for _, wrong := range []string{"", token[1:], token + "x"} {
			if w := ask(s, tt.method, tt.path, tt.body, wrong); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "bob") {
				t.Errorf("%s with the token %q: got %d %s", tt.name, wrong, w.Code, w.Body)
			}
		}
	}
}

func TestNoAPIWithoutTokenOrDesk(t *testing.T) {
	for name, s := range map[string]*admin.Server{
		"no token": admin.New(admin.Config{Gatherer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Desk: desk.New(desk.Config{})}),
		"no desk":  withDesk(nil, slog.DiscardHandler),
	} {
		for _, path := range []string{"cases", "pauses", "dead"} {
			if w := ask(s, "GET", path, "", token); w.Code != http.StatusNotFound {
				t.Errorf("%s: %s is answered with %d", name, path, w.Code)
			}
		}
	}
}

// broken is a store that fails, with an error that nobody outside may read.
type broken struct{ desk.Store }

func (broken) Cases(context.Context, store.Query, func(*chat.Record) bool) ([]chat.Record, error) {
	return nil, errors.New("dial redis://user:hunter2@host: refused")
}

func TestStoreThatFailsIsNotTheRequestsFault(t *testing.T) {
	var log bytes.Buffer
	s := withDesk(desk.New(desk.Config{Store: broken{}, Now: time.Now}), slog.NewTextHandler(&log, nil))
	w := ask(s, "GET", "cases", "", token)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "hunter2") || !strings.Contains(w.Body.String(), "see bot doctor, and the bot's log") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "refused") {
		t.Errorf("the log does not say why: %s", log.String())
	}
}

// What is refused says so in JSON, whatever it was asked for, and which methods there are.
func TestRefusalsAreJSON(t *testing.T) {
	s, _ := stocked(t)
	for _, tt := range []struct {
		method, path, bearer string
		status               int
		want, allow          string
	}{
		{"GET", "cases", "", 401, "a bearer token is needed", ""},
		{"GET", "cases", token + "x", 401, "the bearer token is not the right one", ""},
		{"GET", "secrets", "", 401, "a bearer token is needed", ""},
		{"GET", "secrets", token, 404, "there is no such path", ""},
		{"PUT", "pause", token, 405, "this path takes POST", "POST"},
		{"POST", "cases", token, 405, "this path takes GET", "GET"},
	} {
		w := ask(s, tt.method, tt.path, "", tt.bearer)
		var said struct{ Error string }
		err := json.Unmarshal(w.Body.Bytes(), &said)
		if err != nil || w.Code != tt.status || !strings.Contains(said.Error, tt.want) || w.Header().Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d %q %s, %v", tt.method, tt.path, w.Code, w.Header().Get("Allow"), w.Body, err)
		}
	}
}
