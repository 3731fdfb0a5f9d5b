package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compiler installs Grafana's types and the TypeScript compiler, at the versions of the lock file, and
// returns a function that checks dashboards against them and returns what the compiler says.
func compiler(t *testing.T) func(boards ...[]byte) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "tsconfig.json", "shapes.ts"} {
		if err := os.WriteFile(filepath.Join(dir, name), read(t, filepath.Join("types", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		for _, code := range []string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"} {
			if strings.Contains(string(out), code) {
				t.Skipf("Grafana's types cannot be fetched: %s", code)
			}
		}
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return func(boards ...[]byte) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "check.ts"), []byte(typescript(t, boards)), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "node", "node_modules/typescript/bin/tsc", "--project", ".", "--pretty", "false")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if (err != nil) != strings.Contains(string(out), "error TS") {
			t.Fatalf("tsc: %v\n%s", err, out)
		}
		return string(out)
	}
}

// typescript returns a program that compiles when the dashboards have the right shape. Options, custom
// fields and queries stand in it again, since the type of a panel leaves them open.
func typescript(t *testing.T, boards [][]byte) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("import type { Board, Custom, Options, Query } from './shapes';\n")
	n := 0
	check := func(value []byte, shape string) {
		n++
		fmt.Fprintf(&b, "const d%d = %s satisfies %s;\n", n, bytes.TrimSpace(value), shape)
	}
	for _, raw := range boards {
		check(raw, "Board")
		var d struct {
			Panels []struct {
				Type        string
				Options     json.RawMessage
				Targets     []json.RawMessage
				FieldConfig struct {
					Defaults struct{ Custom json.RawMessage }
				}
			}
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			if p.Type == "row" {
				continue
			}
			check(p.Options, fmt.Sprintf("Options[%q]", p.Type))
			if custom := p.FieldConfig.Defaults.Custom; custom != nil {
				check(custom, fmt.Sprintf("Custom[%q]", p.Type))
			}
			for _, q := range p.Targets {
				check(q, "Query")
			}
		}
	}
	b.WriteString("export {};\n")
	return b.String()
}

// TestDashboardTypes has the compiler check the dashboards against Grafana's own types, and the same
// with mistakes, which it must find.
func TestDashboardTypes(t *testing.T) {
	compile := compiler(t)
	var all [][]byte
	for _, b := range boards(t) {
		all = append(all, b.raw)
	}
	if out := compile(all...); out != "" {
		t.Errorf("the dashboards do not have the shape of Grafana's types:\n%s", out)
	}
	whole := string(all[0])
	var damaged [][]byte
	var kinds []string
	mistakes := map[string]string{
		`"schemaVersion": 39`:    `"schemaVersion": "39"`,
		`"graphTooltip": 1`:      `"graphTooltip": 7`,
		`"description"`:          `"descr"`,
		`"mode": "absolute"`:     `"mode": "absolut"`,
		`"h": 4`:                 `"h": "4"`,
		`"keepTime": true`:       `"keeptime": true`,
		`"colorMode": "value"`:   `"colorMode": "colour"`,
		`"refId": "A"`:           `"refid": "A"`,
		`"showPoints": "never"`:  `"showPoints": "no"`,
		`"displayMode": "table"`: `"displayMode": "tables"`,
	}
	for from, to := range mistakes {
		if !strings.Contains(whole, from) {
			t.Fatalf("there is no %s to damage", from)
		}
		// Each damaged dashboard begins on a line of its own, and has no other.
		damaged = append(damaged, oneLine(t, []byte(strings.Replace(whole, from, to, 1))))
		kinds = append(kinds, to)
	}
	out, line := compile(damaged...), 1
	for i, d := range damaged {
		from := line + 1
		line += strings.Count(typescript(t, [][]byte{d}), "\n") - 2 // without the first and the last line
		found := false
		for n := from; n <= line; n++ {
			found = found || strings.Contains(out, fmt.Sprintf("check.ts(%d,", n))
		}
		if !found {
			t.Errorf("%s was not found in lines %d to %d", kinds[i], from, line)
		}
	}
}
