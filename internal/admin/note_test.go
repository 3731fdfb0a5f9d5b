package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// What is changed is logged: by whom, what, and how much. The token and members are not.
func TestChangesAreLogged(t *testing.T) {
	st, err := sqlite.Open(t.TempDir(), store.Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var log bytes.Buffer
	s := withDesk(desk.New(desk.Config{Store: st, Now: time.Now, Accounts: map[chat.Provider]chat.Account{chat.Tencent: "1400000000"}}), slog.NewJSONHandler(&log, nil))
	for _, tt := range []struct {
		path, body string
		want       map[string]any
	}{
		{"pause", `{"rule":"links","group":"tencent:g1","why":"a secret launch"}`, map[string]any{"rule": "links", "group": "tencent:g1", "everything": false, "done": true, "already": false}},
		{"pause", `{}`, map[string]any{"everything": true, "done": true}},
		{"resume", `{"all":true}`, map[string]any{"all": true, "lifted": 2.0}},
		{"held/release", `{"member":"tencent:bob"}`, map[string]any{"one_member": true, "moved": 0.0}},
		{"dead/drop", `{"ids":["00000000","00000001"]}`, map[string]any{"ids": 2.0, "letters": 0.0}},
		{"undo", `{"rule":"links","since":"2026-11-20T00:00:00Z","preview":false}`, map[string]any{"rule": "links", "undone": 0.0, "preview": false}},
		{"dead/drop", `{}`, map[string]any{"done": false, "refused": "mistaken"}},
		{"pause", `{"member":"bob"}`, map[string]any{"done": false, "level": "WARN"}},
	} {
		log.Reset()
		ask(s, "POST", tt.path, tt.body, token)
		var line map[string]any
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%s: %q: %v", tt.path, log.String(), err)
		}
		tt.want["request"], tt.want["from"] = "/api/v1/"+tt.path, "192.0.2.1:1234"
		for key, want := range tt.want {
			if line[key] != want {
				t.Errorf("%s %s: %s is %v, want %v", tt.path, tt.body, key, line[key], want)
			}
		}
		for _, never := range []string{token, "secret launch"} {
			if strings.Contains(log.String(), never) {
				t.Errorf("%s: the log says %q", tt.path, never)
			}
		}
	}
}

func TestDoctorAPI(t *testing.T) {
	var offline []bool
	s := admin.New(admin.Config{
		Token: token, Gatherer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		Doctor: func(_ context.Context, off bool) (r doctor.Report) {
			offline = append(offline, off)
			r.Add(doctor.Skip("store", "a test"))
			return r
		},
	})
	for path, want := range map[string]int{"doctor": 200, "doctor?offline=true": 200, "doctor?offline=maybe": 400} {
		if w := ask(s, "GET", path, "", token); w.Code != want || want == 200 && !strings.Contains(w.Body.String(), `"status":"skipped"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := ask(s, "GET", "doctor", "", ""); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	if len(offline) != 2 || offline[0] == offline[1] {
		t.Errorf("examined %v", offline)
	}
}
