package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

const fileName = "openapi.json"

// file is docs/openapi.yaml as JSON, and a compiler of the schemas in it.
type file struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
}

func readFile(t *testing.T) *file {
	t.Helper()
	data, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	f := &file{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler()}
	f.compiler.AssertFormat()
	if err := f.compiler.AddResource(fileName, doc); err != nil {
		t.Fatal(err)
	}
	return f
}

// at returns the part of the file at a pointer, and the pointer that it stands at in the end: references
// are followed.
func (f *file) at(pointer ...string) (any, []string) {
	var now any = f.doc
	for i, key := range pointer {
		m, ok := now.(map[string]any)
		if !ok {
			return nil, nil
		}
		now = m[key]
		if m, ok = now.(map[string]any); ok {
			if ref, ok := m["$ref"].(string); ok {
				return f.at(append(strings.Split(strings.TrimPrefix(ref, "#/"), "/"), pointer[i+1:]...)...)
			}
		}
	}
	return now, pointer
}

// schema compiles the schema at a pointer.
func (f *file) schema(t *testing.T, pointer []string) *jsonschema.Schema {
	t.Helper()
	escaped := make([]string, len(pointer))
	for i, key := range pointer {
		escaped[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
	}
	s, err := f.compiler.Compile(fileName + "#/" + strings.Join(escaped, "/"))
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(pointer, " "), err)
	}
	return s
}

// fits checks an answer against what the file says of the operation.
func (f *file) fits(t *testing.T, path, method, status string, a answer) {
	t.Helper()
	what := method + " " + path + " " + status
	content, pointer := f.at("paths", path, method, "responses", status, "content")
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	documented, _ := content.(map[string]any)
	if err != nil || documented[media] == nil {
		t.Errorf("%s: the answer is %q, the file has %v", what, a.header.Get("Content-Type"), slices.Collect(maps.Keys(documented)))
		return
	}
	schema := f.schema(t, append(slices.Clone(pointer), media, "schema"))
	value := any(string(a.body))
	if media == "application/json" {
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(a.body)); err != nil {
			t.Errorf("%s: %v: %s", what, err, a.body)
			return
		}
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v\n%s", what, err, a.body)
	}
}
