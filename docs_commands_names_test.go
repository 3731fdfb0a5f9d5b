package groupguard_test

import (
	"iter"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/config"
)

func mapsKeys(m map[string]bool) iter.Seq[string] { return maps.Keys(m) }

// A span is inline code of a page.
type span struct {
	page string
	line int
	text string
}

var inline = regexp.MustCompile("`([^`\n]+)`")

// spans returns the inline code of all pages, and lines of text blocks that begin with a command of ours.
func spans(t *testing.T) []span {
	t.Helper()
	var out []span
	for _, page := range everyPage(t) {
		inBlock, asText := false, false
		for i, line := range strings.Split(read(t, page), "\n") {
			if m := fence.FindStringSubmatch(line); m != nil {
				inBlock, asText = !inBlock, m[2] == "text"
			}
			if inBlock {
				if asText && strings.HasPrefix(line, "bot ") {
					out = append(out, span{page, i + 1, line})
				}
				continue
			}
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				out = append(out, span{page, i + 1, strings.ReplaceAll(m[1], `\|`, "|")})
			}
		}
	}
	return out
}

var (
	word    = regexp.MustCompile(`^[a-z][a-z|-]*$`)
	flagged = regexp.MustCompile(`--([a-z][a-z-]*)`)
	usage   = regexp.MustCompile(`(?i)usage:\s+bot([^\n]*)`)
)

// Inline code that begins with bot names commands and flags that exist.
func TestCommandsInTextExist(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bot")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/bot").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	help := map[string]string{}
	ask := func(words string) string {
		if _, ok := help[words]; !ok {
			out, _ := exec.Command(program, append(strings.Fields(words), "--help")...).CombinedOutput()
			help[words] = string(out)
		}
		return help[words]
	}
	seen := 0
	for _, s := range spans(t) {
		rest, ok := strings.CutPrefix(s.text, "bot ")
		if !ok {
			continue
		}
		seen++
		for _, path := range paths(rest) {
			is := func(path string) (args string, ok bool) {
				m := usage.FindStringSubmatch(ask(path))
				if m == nil {
					return "", false
				}
				return strings.CutPrefix(m[1]+" ", strings.TrimRight(" "+path, " ")+" ")
			}
			_, ok := is(path)
			if i := strings.LastIndexByte(path, ' '); !ok && i > 0 { // the last word may be an argument
				args, there := is(path[:i])
				path, ok = path[:i], there && strings.Contains(args, "<")
			}
			text := ask(path)
			if !ok {
				t.Errorf("%s:%d: there is no command bot %s", s.page, s.line, path)
				continue
			}
			for _, f := range flagged.FindAllStringSubmatch(rest, -1) {
				if f[1] != "help" && !strings.Contains(text, "--"+f[1]) {
					t.Errorf("%s:%d: bot %s has no flag --%s", s.page, s.line, path, f[1])
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands stand in the text", seen)
	}
}

// paths returns the commands that a span names: of "dead list|drop CODE" dead list and dead drop. Words
// in brackets may be left out, and are arguments or flags.
func paths(rest string) []string {
	out := []string{""}
	for _, w := range strings.Fields(rest) {
		if !word.MatchString(w) {
			break
		}
		var longer []string
		for _, p := range out {
			for _, one := range strings.Split(w, "|") {
				longer = append(longer, strings.TrimSpace(p+" "+one))
			}
		}
		out = longer
	}
	return out
}

var variable = regexp.MustCompile(`\bBOT_[A-Z0-9_]+`)

// Settings that the pages name exist.
func TestSettingsOnPagesExist(t *testing.T) {
	known := map[string]bool{}
	var all []string
	for _, s := range config.Settings() {
		known[s.Name], all = true, append(all, s.Name)
		if s.Secret {
			known[s.Name+"_FILE"] = true
		}
	}
	for _, page := range everyPage(t) {
		for _, name := range variable.FindAllString(read(t, page), -1) {
			family := strings.HasSuffix(name, "_") && slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, name) })
			if !known[name] && !family && name != "BOT_X_FILE" {
				t.Errorf("%s: there is no setting %s", page, name)
			}
		}
	}
}

var (
	metric = regexp.MustCompile(`\bgroupguard_[a-z0-9_]+`)
	series = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// Metrics that the pages name stand in the table of metrics.
func TestMetricsOnPagesExist(t *testing.T) {
	table := read(t, "docs/metrics.md")
	for _, page := range everyPage(t) {
		for _, name := range metric.FindAllString(read(t, page), -1) {
			short := strings.TrimPrefix(series.ReplaceAllString(name, ""), "groupguard_")
			if strings.HasSuffix(name, "_") || strings.Contains(table, "`"+short) || strings.Contains(table, "`groupguard_"+short) {
				continue
			}
			t.Errorf("%s: docs/metrics.md does not have %s", page, name)
		}
	}
}
