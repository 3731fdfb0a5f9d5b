package schema

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// now is when the samples are loaded.
var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// beyond are the classes of mistakes that a schema cannot see: those of YAML itself, which are gone
// when a value is read, and those that depend on other parts of the file or on what a text says.
// Every other mistake the schema and the loader must see both.
var beyond = []struct {
	class string
	texts *regexp.Regexp
}{
	{"syntax and layout", regexp.MustCompile(`^not YAML: |holds a second document|^anchors |^aliases |has the key ".*" twice|nested more than|the tag \S+: ! begins`)},
	{"a scalar that YAML changes", regexp.MustCompile(`^YAML reads |many readers of YAML`)},
	{"a name that stands nowhere, or twice", regexp.MustCompile(`^there is no (list|calendar) |stands twice$|two rules have the id|names \S+ twice|^then has \S+ twice|takes a list of the kind|cannot be in a list of the kind|everywhere stands alone`)},
	{"a file", regexp.MustCompile(`list file|does not name a file|list files cannot be read`)},
	{"what never matches, or always", regexp.MustCompile(`can never|matches everybody|cannot both hold|leaves no link`)},
	{"what does not go together", regexp.MustCompile(`must say on:|has one count or same_text|only joins have an inviter|counts nothing|does not look at the text|a rule without a title|dissolve is not allowed|the threshold can be|the window can be|not with phone holds|stands behind no strike|stands on no rung|ladder is one member's|lockdown closes nothing`)},
	{"what a text says", regexp.MustCompile(`is not a date|must be \d+s to \d+d|unknown place|is not a length of time|error parsing regexp|has \d+ bytes|has nothing to see|cannot be spaced out|is not so many points|must be a share|must be a percentage|similar must be|there is no script|^cel|there is no timezone|is not a time of day|ends when it begins|begins at 24:00|something that every text|matches the empty`)},
	{"a test of a rule", regexp.MustCompile(`the tests up to here|more than \d+ tests|a test is about messages or|the test (says nothing|is about|has \d+ events)|joins makes up|^at (says which|is event|".*" is neither)`)},
}

// structural returns the errors that a schema must see too, and the classes of the others.
func structural(problems []policy.Problem) (errs []string, classes []string) {
next:
	for _, p := range problems {
		if p.Severity != policy.SeverityError {
			continue
		}
		for _, b := range beyond {
			if b.texts.MatchString(p.Text) {
				classes = append(classes, b.class)
				continue next
			}
		}
		errs = append(errs, p.String())
	}
	return errs, classes
}

// compiled returns the schema as bot schema prints it.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(policy.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("rules.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rules.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(data []byte) []policy.Problem {
	_, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: data, ReadFile: func(string) ([]byte, error) {
		return nil, errors.New("no such file")
	}}, now)
	return problems
}

// instance is what an editor makes of a file: values, without the way in which they are written.
func instance(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return instance(n.Content[0])
	case yaml.AliasNode:
		return instance(n.Alias)
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			v, err := instance(c)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := instance(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			out[n.Content[i].Value] = v
		}
		return out, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!int", "!!float", "!!bool":
		var v any
		err := n.Decode(&v)
		switch x := v.(type) {
		case int:
			v = float64(x)
		case int64:
			v = float64(x)
		case uint64:
			v = float64(x)
		}
		return v, err
	}
	return n.Value, nil
}

// disagreement compares what the schema and the loader say about a file; nothing when they agree, or
// when it is no YAML at all.
func disagreement(s *jsonschema.Schema, data []byte) string {
	var n yaml.Node
	if yaml.Unmarshal(data, &n) != nil || len(n.Content) == 0 {
		return ""
	}
	v, err := instance(&n)
	if err != nil {
		return ""
	}
	refused := s.Validate(v)
	problems := check(data)
	errs, classes := structural(problems)
	switch {
	case refused == nil && len(errs) > 0:
		return "only the loader refuses it:\n" + strings.Join(errs, "\n")
	case refused != nil && len(errs) == 0 && !stricter(problems, refused):
		return fmt.Sprintf("only the schema refuses it, the loader says %v:\n%v", classes, refused)
	}
	return ""
}

// stricter tells whether the loader has seen what the schema refuses, as something else: a number
// among phone numbers is a warning to it, and a scalar that YAML changes was never of the right type.
func stricter(problems []policy.Problem, refused error) bool {
	for _, p := range problems {
		if strings.Contains(p.Text, "is a number to YAML") {
			return true
		}
		if p.Severity == policy.SeverityError && typed.MatchString(p.Text) && strings.Contains(refused.Error(), "at '/") {
			return true
		}
	}
	return false
}

// typed are mistakes of the classes above that a schema may see as well.
var typed = regexp.MustCompile(`^YAML reads |the tag |^anchors |^aliases |cannot be in a list of the kind|is not a date|is not a length of time|` +
	`is not so many points|must be a share|must be a percentage|similar must be|^cel must|list "|is not a time of day|lockdown closes nothing|is neither an event|says nothing|must be \d+s to`)

func TestSchemaAndLoaderAgreeOnEverySample(t *testing.T) {
	s := compiled(t)
	samples := collect(t)
	samples["odd tests"] = []byte(oddTests)
	if len(samples) < 60 {
		t.Fatalf("only %d samples", len(samples))
	}
	seen := map[string]bool{}
	for name, data := range samples {
		if text := disagreement(s, data); text != "" {
			t.Errorf("%s: %s\n%s", name, text, data)
		}
		_, classes := structural(check(data))
		for _, c := range classes {
			seen[c] = true
		}
	}
	for _, b := range beyond {
		if !seen[b.class] {
			t.Errorf("no sample has a mistake of the class %q", b.class)
		}
	}
	t.Logf("%d samples", len(samples))
}

func TestShippedSchemaIsWhatBotSchemaPrints(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "schema/rules.schema.json"))
	if err != nil || !bytes.Equal(data, policy.Schema()) {
		t.Errorf("schema/rules.schema.json is not what bot schema prints (%v): write it anew with: bot schema > schema/rules.schema.json", err)
	}
}

// A test about nothing, and one with more events than there may be.
const oddTests = `version: 1
rules:
  - id: a
    on: message
    when: {text: {has_any: [x]}}
    then: [alert: {}]
    tests:
      - {expect: pass}
      - {say: x, at: 7, expect: match}
`
