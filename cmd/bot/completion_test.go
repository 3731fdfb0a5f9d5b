package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const sampleLines = "version: 1\nrules:\n  - {id: flood, on: message, when: {count: {messages: 9, within: 1m}}, then: [{remove: {}}]}\n" +
	"  - {id: new-link, on: message, when: {link: {any: true}}, then: [{remove: {}}]}\n"

// completing makes a folder with rules, files and bot itself, and returns it with its environment.
func completing(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"rules.yaml": sampleLines, "two words.ndjson": "", "events.ndjson": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"data", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bot := filepath.Join(dir, "bin", "bot") // the test binary is bot when it is called so
	if err := os.Symlink(self, bot); err != nil {
		t.Fatal(err)
	}
	return dir, append(os.Environ(), "PATH="+filepath.Dir(bot)+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir, "BOT_RULES=", "TERM=dumb")
}

// completed are command lines and what may stand at their ends, in every shell.
var completed = []struct {
	line string
	want string // words, with spaces between; those of files are left out for bash
}{
	{"bot ca", "cases case"},
	{"bot help und", "undo"},
	{"bot dead ", "list requeue drop"},
	{"bot dead requeue --al", "--all"},
	{"bot cases --format ", "text json"},
	{"bot check --format=g", "--format=github"},
	{"bot pause ", "flood new-link"},
	{"bot pause --why x n", "new-link"},
	{"bot pause flood ", ""},
	{"bot undo --rule f", "flood"},
	{"bot completion ", "bash zsh fish"},
	{"bot cases --format json --fo", ""},
	{"bot run --tencent-secret-key-f", "--tencent-secret-key-file"},
	{"bot __", ""},
}

func TestCompletionIsWhatMayStandThere(t *testing.T) {
	dir, env := completing(t)
	t.Chdir(dir)
	for _, tt := range completed {
		words := strings.Split(tt.line, " ")[1:]
		if got := answerTo(t, env, words...); strings.Join(got[1:], " ") != tt.want || got[0] != ":words" {
			t.Errorf("%q: got %q, want %q", tt.line, got, tt.want)
		}
	}
	for line, kind := range map[string]string{
		"check r": ":files", "replay --against ": ":files", "replay --rules=": ":files", "run --config ": ":files", "explain ": ":files",
		"cases --data-dir ": ":folders", "run --tencent-secret-key-file /": ":files", "replay -- ": ":files", "replay a b ": ":words", "dead drop A B ": ":words",
	} {
		if got := answerTo(t, env, strings.Split(line, " ")...); len(got) != 1 || got[0] != kind {
			t.Errorf("%q: got %q, want %s", line, got, kind)
		}
	}
}

// answerTo returns the lines that the scripts are told, without what the words mean.
func answerTo(t *testing.T, env []string, words ...string) []string {
	t.Helper()
	var out bytes.Buffer
	if code := run(t.Context(), append([]string{completeWord, "--"}, words...), process{stdout: &out, env: env}); code != exitDone {
		t.Fatalf("%q: exit code %d", words, code)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		lines = append(lines, word)
	}
	return lines
}

// TestCompletionDoesNotWaitForRules gives a rules file that never ends.
func TestCompletionDoesNotWaitForRules(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "rules.yaml")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	done := make(chan []string, 1)
	go func() { done <- ruleIDs([]string{"BOT_RULES=" + pipe}) }()
	select {
	case ids := <-done:
		if len(ids) > 0 {
			t.Errorf("got %q", ids)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits")
	}
	f, err := os.OpenFile(pipe, os.O_WRONLY, 0) // the reader that was left behind ends
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// shell runs a script in a shell.
func shell(t *testing.T, name, script string) string {
	t.Helper()
	dir, env := completing(t)
	args := map[string][]string{"bash": {"--norc"}, "zsh": {"-f"}, "fish": {"--no-config"}}[name]
	cmd := exec.Command(name, append(args, "-c", script)...)
	cmd.Dir, cmd.Env = dir, env
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil || said.Len() > 0 {
		t.Fatalf("%s: %v\n%s\n%s", name, err, out.String(), said.String())
	}
	return out.String()
}

func TestCompletionBash(t *testing.T) {
	var script strings.Builder
	script.WriteString("set -u; source <(bot completion bash); complete -p bot\n" +
		`try() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _bot; echo "${COMPREPLY[*]}"; }` + "\n")
	want := []string{"complete -o default -F _bot bot"}
	for _, tt := range completed {
		// Readline takes --flag=value apart, and so is the answer.
		line := strings.ReplaceAll(tt.line, "=", " = ")
		script.WriteString("try " + strings.TrimSuffix(line, " "))
		if strings.HasSuffix(line, " ") {
			script.WriteString(" ''")
		}
		script.WriteString("\n")
		want = append(want, strings.TrimPrefix(tt.want, "--format="))
	}
	script.WriteString("try bot cases --format =\ntry bot replay ''\n")
	want = append(want, "text json", "")
	if got := strings.Split(strings.TrimSuffix(shell(t, "bash", script.String()), "\n"), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestCompletionFish(t *testing.T) {
	if _, err := exec.LookPath("fish"); err != nil {
		t.Skip("fish is not installed")
	}
	lines := []string{"bot replay e", "bot replay --rules=r", "bot replay two", "bot cases --data-dir d"}
	want := []string{"events.ndjson", "--rules=rules.yaml", "two words.ndjson", "data/"}
	for _, tt := range completed {
		words := strings.Fields(tt.want)
		slices.Sort(words)
		lines, want = append(lines, tt.line), append(want, strings.Join(words, " "))
	}
	script := "bot completion fish | source\n"
	for _, line := range lines {
		script += "complete -C '" + line + "' | string replace -r '\\t.*' '' | sort | string join ' '; echo ---\n"
	}
	var got []string
	for _, answer := range strings.Split(strings.TrimSuffix(shell(t, "fish", script), "---\n"), "---\n") {
		got = append(got, strings.TrimSpace(answer))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestCompletionZsh runs the function with those of zsh's own that only work while somebody types in
// its place.
func TestCompletionZsh(t *testing.T) {
	if _, err := exec.LookPath("zsh"); err != nil {
		t.Skip("zsh is not installed")
	}
	script := "bot completion zsh > script; zsh -n script || exit 1; compdef() { echo compdef $* }; source ./script\n" +
		"_describe() { echo ${(P)@[$#]} }; _files() { echo files $* }; compset() { }\n" +
		`try() { words=("$@"); CURRENT=$#; _bot; }` + "\ntry bot ca\ntry bot pause ''\ntry bot check --format=g\ntry bot replay ''\ntry bot cases --data-dir ''\n"
	want := `compdef _bot bot
cases:List cases: whom the rules acted on, and what became of it case:Explain one case: why somebody was removed, and what the provider said
flood new-link
--format=github
files
files -/
`
	if got := shell(t, "zsh", script); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
