package admin_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// parameter is one of the file, or a reference to one.
type parameter struct {
	Ref  string `yaml:"$ref"`
	Name string `yaml:"name"`
	In   string `yaml:"in"`
}

// operation is what docs/openapi.yaml says of one method of a path.
type operation struct {
	ID          string           `yaml:"operationId"`
	Security    []map[string]any `yaml:"security"`
	Parameters  []parameter      `yaml:"parameters"`
	RequestBody *struct {
		Content map[string]any `yaml:"content"`
	} `yaml:"requestBody"`
	Responses map[string]any `yaml:"responses"`
}

type document struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Parameters map[string]parameter `yaml:"parameters"`
		Schemas    map[string]schema    `yaml:"schemas"`
	} `yaml:"components"`
}

type schema struct {
	Required   []string       `yaml:"required"`
	Properties map[string]any `yaml:"properties"`
}

func readDocument(t *testing.T) (doc document) {
	t.Helper()
	data, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// complete is a server with everything that one can have.
func complete(t *testing.T) *admin.Server {
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
	return admin.New(admin.Config{
		Token: token, Gatherer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Version: map[string]string{"version": "v1"},
		Ready: func(context.Context) []string { return nil }, Reload: func() error { return nil },
		Desk: desk.New(desk.Config{Store: st, Now: time.Now}), Rules: &shelf{},
		Spool:  func(context.Context, int) (desk.SpoolList, error) { return desk.SpoolList{}, nil },
		Doctor: func(context.Context, bool) doctor.Report { return doctor.Report{} },
	})
}

// The file and the server name the same routes, with the same parameters, bodies and need of a token.
func TestFileAndServerAgree(t *testing.T) {
	doc := readDocument(t)
	served := map[string]admin.Route{}
	for _, r := range complete(t).Routes() {
		served[r.Method+" "+r.Path] = r
	}
	ids := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			name := strings.ToUpper(method) + " " + path
			r, ok := served[name]
			if !ok {
				t.Errorf("%s is in the file and not served", name)
				continue
			}
			delete(served, name)
			if ids[op.ID] || op.ID == "" {
				t.Errorf("%s: its operationId %q is missing or not its own", name, op.ID)
			}
			ids[op.ID] = true
			if (len(op.Security) > 0) != r.Token || r.Token != (op.Responses["401"] != nil) {
				t.Errorf("%s: the file and the server differ in whether a token is needed", name)
			}
			query, inPath := parametersOf(&doc, op)
			if !slices.Equal(query, slices.Sorted(slices.Values(r.Query))) {
				t.Errorf("%s: the file has %q, the server takes %q", name, query, r.Query)
			}
			for _, p := range inPath {
				if !strings.Contains(path, "{"+p+"}") {
					t.Errorf("%s has no part %q", name, p)
				}
			}
			if strings.Count(path, "{") != len(inPath) {
				t.Errorf("%s: the file has %d parameters of the path", name, len(inPath))
			}
			if body := bodyOf(op); body != r.Body {
				t.Errorf("%s: the file has a body of %q, the server takes %q", name, body, r.Body)
			}
		}
	}
	for name := range served {
		t.Errorf("%s is served and not in the file", name)
	}
}

func parametersOf(doc *document, op operation) (query, path []string) {
	for _, p := range op.Parameters {
		if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
			p = doc.Components.Parameters[name]
		}
		if p.In == "path" {
			path = append(path, p.Name)
			continue
		}
		query = append(query, p.Name)
	}
	slices.Sort(query)
	return query, path
}

func bodyOf(op operation) string {
	if op.RequestBody == nil {
		return ""
	}
	return strings.Join(slices.Sorted(maps.Keys(op.RequestBody.Content)), ", ")
}

// What a route says that it takes, it reads: one with each parameter is not told that it has no such
// thing, and its value is looked at.
func TestParametersAreRead(t *testing.T) {
	s := complete(t)
	for _, r := range s.Routes() {
		for _, name := range append(slices.Clone(r.Query), "nonsense") {
			path := strings.TrimPrefix(strings.ReplaceAll(r.Path, "{id}", "00000000"), "/api/v1/")
			if !r.Token || strings.HasPrefix(path, "/") {
				continue
			}
			media, body := form("events", "")
			if r.Body != "multipart/form-data" {
				media, body = r.Body, strings.NewReader("{}")
			}
			w := send(s, r.Method, path+"?"+name+"=%FF%FE", media, body)
			unknown := strings.Contains(w.Body.String(), "is no parameter here")
			if unknown != (name == "nonsense") {
				t.Errorf("%s %s with %s: %d %s", r.Method, r.Path, name, w.Code, w.Body)
			}
			if unknown && w.Code != http.StatusBadRequest {
				t.Errorf("%s %s: status %d", r.Method, r.Path, w.Code)
			}
		}
	}
}
