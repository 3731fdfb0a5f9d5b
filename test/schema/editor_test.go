package schema

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// found is what the language server says about one place.
type found struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// languageServer installs the language server that editors use, at the versions of the lock file, and
// returns a function that has it validate files.
func languageServer(t *testing.T) func(files ...string) map[string][]found {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "validate.mjs"} {
		data, err := os.ReadFile(filepath.Join("editor", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		for _, code := range []string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"} {
			if strings.Contains(string(out), code) {
				t.Skipf("the packages of the language server cannot be fetched: %s", code)
			}
		}
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return func(files ...string) map[string][]found {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join(dir, "validate.mjs")}, files...)...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("the language server: %v\n%s", err, stderr.String())
		}
		var all map[string][]found
		if err := json.Unmarshal(out, &all); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return all
	}
}

// TestEditor has the language server read the shipped rules, and the same rules with mistakes, as an
// editor shows them: the line at the top of the file names the schema beside it.
func TestEditor(t *testing.T) {
	validate := languageServer(t)
	dir := t.TempDir()
	shipped, err := os.ReadFile(filepath.Join(root, "rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile(filepath.Join(root, "schema/rules.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	rules, damaged := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "damaged.yaml")
	head, _, _ := strings.Cut(string(shipped), "\n")
	if err := os.Mkdir(filepath.Join(dir, "schema"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		rules: string(shipped), damaged: head + "\n" + mistakes, filepath.Join(dir, "schema/rules.schema.json"): string(schema),
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := validate(rules, damaged)
	if got, ok := all[rules]; !ok || len(got) > 0 {
		t.Errorf("the shipped rules: %v", got)
	}
	var lines []int
	for _, p := range all[damaged] {
		lines = append(lines, p.Line)
	}
	if want := []int{4, 7, 8, 10, 12}; !slices.Equal(slices.Compact(slices.Sorted(slices.Values(lines))), want) {
		t.Errorf("mistakes in lines %v, want %v\n%v", lines, want, all[damaged])
	}
	for _, p := range check([]byte(head + "\n" + mistakes)) {
		if p.Severity == "error" && !slices.Contains(lines, p.Line) {
			t.Errorf("the language server misses %s", p)
		}
	}
}

// mistakes is a file that follows the line that names the schema.
const mistakes = `version: 1
lists:
  numbers: {kind: phone_prefix, values: [+86170]}
rules:
  - id: raid
    on: joins
    when: {count: {joins: 20, whithin: 1m}}
    then:
      - remove: {reson: "Later"}
      - alert: {}
    stop: maybe
`
