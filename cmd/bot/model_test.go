package main

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// model returns the parser of command lines, whose output goes nowhere.
func model(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(&cli{}, newRunFlags(), process{stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// unprinted are the commands that print no result, or one that programs read as it is.
var unprinted = []string{"run", "demo", "sim", "schema", "completion", "healthcheck"}

// TestEveryCommandHasManners walks over all commands: a new one needs help, examples that hold, a group
// and JSON.
func TestEveryCommandHasManners(t *testing.T) {
	parser := model(t)
	for _, node := range parser.Model.Leaves(false) {
		path := node.Path()
		if node.Hidden {
			t.Errorf("bot %s is hidden", path)
		}
		if !strings.HasSuffix(node.Help, ".") {
			t.Errorf("bot %s: its help is no sentence: %q", path, node.Help)
		}
		if len(examples[path]) == 0 {
			t.Errorf("bot %s has no examples", path)
		}
		if g := node.ClosestGroup(); g == nil || g.Title == "" || g.Title == g.Key {
			t.Errorf("bot %s is in no group of bot --help", path)
		}
		format := false
		for _, f := range node.Flags {
			if f.Name == "format" {
				format = slices.Contains(f.EnumSlice(), "json")
			}
			if f.Help == "" {
				t.Errorf("bot %s --%s has no help", path, f.Name)
			}
			if holder := f.FormatPlaceHolder(); !f.IsBool() && (holder == "STRING" || strings.EqualFold(strings.ReplaceAll(holder, "-", ""), strings.ReplaceAll(f.Name, "-", "")) && len(f.Name) > 8) {
				t.Errorf("bot %s --%s=%s says nothing of what it takes", path, f.Name, holder)
			}
		}
		for _, arg := range node.Positional {
			if arg.Help == "" {
				t.Errorf("bot %s: <%s> has no help", path, arg.Name)
			}
		}
		if !format && !slices.Contains(unprinted, path) {
			t.Errorf("bot %s has no --format json", path)
		}
	}
	for path := range examples {
		if !slices.ContainsFunc(parser.Model.Leaves(false), func(n *kong.Node) bool { return n.Path() == path }) {
			t.Errorf("there are examples of bot %s, which does not exist", path)
		}
	}
}

var shellWord = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

// commandOf returns the words of bot's command line within a line of a shell, without its name.
func commandOf(line string) []string {
	_, line, _ = strings.Cut(" "+line, " bot ")
	var words []string
	for _, w := range shellWord.FindAllString(line, -1) {
		if w == "|" || w == ">" {
			break
		}
		words = append(words, strings.Trim(strings.TrimSuffix(w, ")"), `'"`))
	}
	return words
}

func TestExamplesAreCommandLines(t *testing.T) {
	for path, lines := range examples {
		for _, line := range lines {
			parsed, err := model(t).Parse(commandOf(strings.ReplaceAll(line, "<(bot", " bot")))
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if got := parsed.Selected().Path(); got != path {
				t.Errorf("%s is an example of bot %s", line, got)
			}
		}
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	for _, columns := range []string{"60", "80", "200"} {
		t.Setenv("COLUMNS", columns)
		width := map[string]int{"60": 60, "80": 80, "200": helpWidth}[columns]
		for _, node := range model(t).Model.Leaves(false) {
			for _, args := range [][]string{append(strings.Fields(node.Path()), "--help"), append([]string{"help"}, strings.Fields(node.Path())...)} {
				var out, said bytes.Buffer
				code := run(t.Context(), args, process{stdout: &out, stderr: &said})
				if code != exitDone || said.Len() > 0 || !strings.Contains(out.String(), "Example") {
					t.Fatalf("bot %v: exit code %d\n%s%s", args, code, out.String(), said.String())
				}
				for line := range strings.Lines(out.String()) {
					long := strings.HasPrefix(line, "    bot ") || strings.HasPrefix(line, "    zcat ") || strings.HasPrefix(line, "    tail ") || strings.HasPrefix(line, "Usage:")
					if line = strings.TrimSpace(line); cells(line) > width && !long && strings.Contains(line, " ") && !strings.Contains(line, "://") {
						t.Errorf("bot %v with %s columns: %q", args, columns, line)
					}
				}
			}
		}
	}
}

func TestHelpIsFoundAsPeopleLookForIt(t *testing.T) {
	for line, want := range map[string]string{
		"":             "Operators:\n",
		"help":         "Exit codes: 0 done,",
		"--help":       "docs/settings.md",
		"-h":           "Care:\n",
		"help case":    "Usage: bot case <case>",
		"help dead":    "dead requeue",
		"dead --help":  "dead requeue",
		"case -h":      "    bot case XE1K8FFZ",
		"--version":    "groupguard ",
		"run --help":   "--tencent-secret-key-file=FILE",
		"check --help": "--format=text|json|github",
	} {
		var out, said bytes.Buffer
		code := run(t.Context(), strings.Fields(line), process{stdout: &out, stderr: &said})
		if code != exitDone || !strings.Contains(out.String(), want) || said.Len() > 0 {
			t.Errorf("bot %s: exit code %d\n%s%s", line, code, out.String(), said.String())
		}
	}
}
