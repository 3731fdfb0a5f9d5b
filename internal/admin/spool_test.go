package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// fullSpool has one event that is known whole and one that is not.
func fullSpool() desk.SpoolList {
	at := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)
	return desk.SpoolList{Entries: 1, Bytes: 600, Most: 1 << 30, Oldest: at, GivenUp: []desk.GivenUp{
		{ID: 7, Received: at, Kind: chat.Message, Group: &chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}, Member: "bob", Event: "e1", Why: "panic"},
		{ID: 3, Received: at, Why: "its text may be kept no longer"},
	}}
}

// The keys of an answer are those of the file: all of them where everything is known, and the required ones
// where nothing is.
func TestSpoolHasTheKeysOfTheFile(t *testing.T) {
	schemas, full := readDocument(t).Components.Schemas, fullSpool()
	list, gone := schemas["SpoolList"], schemas["GivenUp"]
	full.More = true
	for name, tt := range map[string]struct {
		value any
		want  []string
	}{
		"a spool":          {full, slices.Collect(maps.Keys(list.Properties))},
		"an empty spool":   {desk.SpoolList{}, list.Required},
		"an event":         {full.GivenUp[0], slices.Collect(maps.Keys(gone.Properties))},
		"one without body": {full.GivenUp[1], gone.Required},
	} {
		data, err := json.Marshal(tt.value)
		var keys map[string]any
		if err := errors.Join(err, json.Unmarshal(data, &keys)); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(keys)); len(got) == 0 || !slices.Equal(got, slices.Sorted(slices.Values(tt.want))) {
			t.Errorf("%s: the answer has %q, the file %q", name, got, tt.want)
		}
	}
}

func TestSpoolAPI(t *testing.T) {
	full := fullSpool()
	const want = `{"entries":1,"bytes":600,"most":1073741824,"oldest":"2026-11-20T20:00:00Z","given_up":[` +
		`{"id":7,"received":"2026-11-20T20:00:00Z","kind":"message","provider":"tencent","account":"1400000000","group":"@TGS#1","member":"bob","event":"e1","why":"panic"},` +
		`{"id":3,"received":"2026-11-20T20:00:00Z","why":"its text may be kept no longer"}]}`
	none := &desk.Error{Kind: desk.NotFound, Text: "there is no spool: a reason"}
	for name, tt := range map[string]struct {
		path, bearer string
		list         desk.SpoolList
		err          error
		asked        int // for how many; -1: nothing is asked
		status       int
		want         string
	}{
		"all there is":      {"spool", token, full, nil, 0, 200, want},
		"an empty one":      {"spool", token, desk.SpoolList{Most: 1, GivenUp: []desk.GivenUp{}}, nil, 0, 200, `{"entries":0,"bytes":0,"most":1,"given_up":[]}`},
		"a limit":           {"spool?limit=5", token, full, nil, 5, 200, want},
		"a limit of 0":      {"spool?limit=0", token, full, nil, -1, 400, "limit is not 1 or more"},
		"a limit of words":  {"spool?limit=few", token, full, nil, -1, 400, "limit is not a number"},
		"another parameter": {"spool?member=bob", token, full, nil, -1, 400, "is no parameter here"},
		"no token":          {"spool", "", full, nil, -1, 401, "a bearer token is needed"},
		"no spool":          {"spool", token, full, none, 0, 404, `{"error":"there is no spool: a reason"}`},
		"a disk that fails": {"spool", token, full, errors.New("reading /data/spool.db: no"), 0, 503, "see bot doctor"},
	} {
		asked := -1
		s := admin.New(admin.Config{
			Token: token, Gatherer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
			Spool: func(_ context.Context, limit int) (desk.SpoolList, error) {
				asked = limit
				return tt.list, tt.err
			},
		})
		w := ask(s, "GET", tt.path, "", tt.bearer)
		body := strings.TrimSpace(w.Body.String())
		if w.Code != tt.status || asked != tt.asked || !strings.Contains(body, tt.want) || tt.status == 200 && body != tt.want || strings.Contains(body, "/data") {
			t.Errorf("%s: %d %s, asked for %d", name, w.Code, body, asked)
		}
	}
	if w := ask(withDesk(nil, slog.DiscardHandler), "GET", "spool", "", token); w.Code != 404 {
		t.Errorf("a bot that cannot list it: %d", w.Code)
	}
}
