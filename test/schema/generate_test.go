package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/policy"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// generator makes values that a JSON Schema takes. It knows the parts of the language that bot schema
// prints, and fails on others.
type generator struct {
	defs  map[string]any
	depth int
}

func newGenerator(t testing.TB) (*generator, map[string]any) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(policy.Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	return &generator{defs: doc["$defs"].(map[string]any)}, doc
}

func (g *generator) value(t *rapid.T, s map[string]any) any {
	if ref, ok := s["$ref"].(string); ok {
		return g.value(t, g.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any))
	}
	if words, ok := s["enum"].([]any); ok {
		return rapid.SampledFrom(words).Draw(t, "word")
	}
	if of, ok := s["anyOf"].([]any); ok && s["properties"] == nil {
		return g.value(t, rapid.SampledFrom(of).Draw(t, "branch").(map[string]any))
	}
	switch kind := kindOf(t, s); kind {
	case "object":
		return g.object(t, s)
	case "array":
		g.depth++
		defer func() { g.depth-- }()
		out := []any{}
		least := int(number(s, "minItems", 0))
		for range rapid.IntRange(least, max(least, 3-g.depth/2)).Draw(t, "length") {
			out = append(out, g.value(t, s["items"].(map[string]any)))
		}
		return out
	case "string":
		pattern, ok := s["pattern"].(string)
		if !ok {
			return rapid.StringMatching(`[a-z]{1,8}|[赌博казино]{2,4}|yes|no|[0-9]{1,5}`).Draw(t, "text")
		}
		return rapid.StringMatching(pattern).Filter(func(v string) bool {
			return len(v) >= int(number(s, "minLength", 0)) && len(v) < 200 && !strings.ContainsAny(v, "\x00\ufeff")
		}).Draw(t, "text")
	case "integer":
		return float64(rapid.IntRange(int(number(s, "minimum", 0)), int(number(s, "maximum", 99))).Draw(t, "number"))
	case "number":
		if s["pattern"] != nil {
			return float64(rapid.IntRange(0, 999).Draw(t, "number"))
		}
		n := float64(rapid.IntRange(-999, 999).Draw(t, "number"))
		if s["not"] != nil {
			return n + 0.5 // no whole number
		}
		return n / 4
	case "boolean":
		return rapid.Bool().Draw(t, "truth")
	case "null":
		return nil
	}
	t.Fatalf("no way to make %v", s)
	return nil
}

func kindOf(t *rapid.T, s map[string]any) string {
	if kinds, ok := s["type"].([]any); ok {
		return rapid.SampledFrom(kinds).Draw(t, "kind").(string)
	}
	kind, _ := s["type"].(string)
	return kind
}

func number(s map[string]any, key string, fallback float64) float64 {
	if v, ok := s[key].(float64); ok {
		return v
	}
	return fallback
}

// object makes a map: the keys that are required, those that go with them, and some others.
func (g *generator) object(t *rapid.T, s map[string]any) any {
	g.depth++
	defer func() { g.depth-- }()
	out := map[string]any{}
	if of, ok := s["additionalProperties"].(map[string]any); ok {
		for range rapid.IntRange(1, 2).Draw(t, "entries") {
			out[rapid.StringMatching("[a-z]{1,5}").Draw(t, "name")] = g.value(t, of)
		}
		return out
	}
	properties, _ := s["properties"].(map[string]any)
	keys := texts(s["required"])
	var others []string
	for _, rule := range []string{"oneOf", "anyOf"} {
		if of, ok := s[rule].([]any); ok {
			for _, k := range of {
				others = append(others, texts(k.(map[string]any)["required"])...)
			}
			keys = append(keys, rapid.SampledFrom(others).Draw(t, rule))
			if rule == "anyOf" {
				others = nil
			}
		}
	}
	for _, k := range sorted(properties) {
		likely := 3
		if g.depth > 6 {
			likely = 12
		}
		if !slices.Contains(keys, k) && !slices.Contains(others, k) && rapid.IntRange(0, likely).Draw(t, k) == 0 {
			keys = append(keys, k)
		}
	}
	if number(s, "minProperties", 0) > 0 && len(keys) == 0 {
		keys = append(keys, rapid.SampledFrom(sorted(properties)).Draw(t, "key"))
	}
	needs, _ := s["dependentRequired"].(map[string]any)
	for _, k := range slices.Clone(keys) {
		keys = append(keys, texts(needs[k])...)
	}
	for _, k := range keys {
		if out[k] == nil {
			out[k] = g.value(t, properties[k].(map[string]any))
		}
	}
	g.conditional(t, s, out)
	return out
}

// conditional makes the parts of a map anew that depend on another one.
func (g *generator) conditional(t *rapid.T, s map[string]any, out map[string]any) {
	of, _ := s["allOf"].([]any)
	for _, c := range of {
		c := c.(map[string]any)
		for k, want := range c["if"].(map[string]any)["properties"].(map[string]any) {
			if out[k] != want.(map[string]any)["const"] {
				continue
			}
			for name, then := range c["then"].(map[string]any)["properties"].(map[string]any) {
				if out[name] != nil {
					out[name] = []any{g.value(t, then.(map[string]any)["items"].(map[string]any))}
				}
			}
		}
	}
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, s := range list {
		out = append(out, s.(string))
	}
	return out
}

func sorted(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// written returns a value as YAML that means it.
func written(t *rapid.T, v any) []byte {
	data, err := yaml.Marshal(whole64(v))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// whole64 makes whole numbers of the floats that are whole, as people write them.
func whole64(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) {
			return int(v)
		}
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, whole64(e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = whole64(e)
		}
		return out
	}
	return v
}

func TestSchemaAndLoaderAgreeOnGeneratedFiles(t *testing.T) {
	s := compiled(t)
	g, doc := newGenerator(t)
	rapid.Check(t, func(t *rapid.T) {
		g.depth = 0
		v := g.value(t, doc)
		if err := s.Validate(v); err != nil {
			t.Fatalf("the schema refuses what was made by it: %v", err)
		}
		data := written(t, v)
		if text := disagreement(s, data); text != "" {
			t.Fatalf("%s\n%s", text, data)
		}
	})
}

// mutate changes one thing somewhere in a value: a key too many, one too few, or another type.
func mutate(t *rapid.T, v any) any {
	var places []func()
	var walk func(v any, set func(any))
	walk = func(v any, set func(any)) {
		for _, other := range []any{nil, "odd", float64(7), true, []any{}, []any{"odd", "other"}, map[string]any{}, map[string]any{"odd": "x"}} {
			if fmt.Sprintf("%T", other) != fmt.Sprintf("%T", v) {
				places = append(places, func() { set(other) })
			}
		}
		switch v := v.(type) {
		case []any:
			for i, e := range v {
				walk(e, func(n any) { v[i] = n })
			}
		case map[string]any:
			places = append(places, func() { v["unknown"] = "x" }, func() { v["reson"] = true })
			for _, k := range sorted(v) {
				places = append(places, func() { delete(v, k) }, func() { v[k+"s"] = v[k]; delete(v, k) })
				walk(v[k], func(n any) { v[k] = n })
			}
		}
	}
	walk(v, func(n any) { v = n })
	places[rapid.IntRange(0, len(places)-1).Draw(t, "place")]()
	return v
}

func TestSchemaAndLoaderAgreeOnDamagedFiles(t *testing.T) {
	s := compiled(t)
	g, doc := newGenerator(t)
	rapid.Check(t, func(t *rapid.T) {
		g.depth = 0
		data := written(t, mutate(t, g.value(t, doc)))
		if text := disagreement(s, data); text != "" {
			t.Fatalf("%s\n%s", text, data)
		}
	})
}
