package groupguard_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// elsewhere are the commands of the pages that cannot run on the stage, each with its reason and with
// the test that covers it.
var elsewhere = []struct {
	page    string // only there; empty: on every page
	command *regexp.Regexp
	why     string
	file    string // where the check is: a file, or a folder with tests
	check   string // what has to stand there
}{
	{page: "docs/operations.md", command: regexp.MustCompile(`^bot `),
		why: "the samples of this page come from one store", file: "cmd/bot/testdata/operations.txtar", check: "page"},
	{command: regexp.MustCompile(`^bot spool\b`), why: "the bot on the stage has an embedded store, and so no spool",
		file: "cmd/bot", check: "func TestSpoolByTheBotAndFromItsFolder"},
	{command: regexp.MustCompile(`^curl .*\$API/spool\b`), why: "the bot on the stage has an embedded store, and so no spool",
		file: "test/api", check: "func TestTheSpoolFitsTheFile"},
	{command: regexp.MustCompile(`^docker compose\b`), why: "there is no container engine in a test",
		file: "docs_commands_elsewhere_test.go", check: "func TestComposeLines"},
	{command: regexp.MustCompile(`^docker (build|run)\b`), why: "there is no container engine in a test",
		file: "test/deploy", check: "func TestDockerfile"},
	{command: regexp.MustCompile(`^(sudo (systemctl|install)|journalctl)\b`), why: "it changes the machine",
		file: "test/deploy", check: "func TestSystemd"},
	{command: regexp.MustCompile(`^kubectl\b`), why: "there is no cluster in a test",
		file: "test/deploy", check: "func TestKustomize("},
	{command: regexp.MustCompile(`^make (test|lint|fuzz|bench|build|run|clean)\b`), why: "it is what runs this, takes minutes, or changes the checkout",
		file: "docs_commands_elsewhere_test.go", check: "func TestMakeTargets"},
	{command: regexp.MustCompile(`^\.ci/run\b`), why: "it runs this", file: ".ci/run", check: "make test"},
	{command: regexp.MustCompile(`^(git clone|cd groupguard)\b`), why: "it needs the network", file: "docs_commands_elsewhere_test.go", check: "func TestMakeTargets"},
	{command: regexp.MustCompile(`^go test\b`), why: "tests within tests take minutes",
		file: "docs_commands_elsewhere_test.go", check: "func TestGoTestLines"},
}

// coveredElsewhere tells whether a command is on the list.
func coveredElsewhere(s shown) bool {
	for _, e := range elsewhere {
		if (e.page == "" || e.page == s.page) && e.command.MatchString(s.text) {
			return true
		}
	}
	return false
}

// A command that no page shows needs no exception, and an exception needs a check that exists.
func TestWhatRunsElsewhereIsCheckedThere(t *testing.T) {
	for _, e := range elsewhere {
		files, err := filepath.Glob(filepath.Join(e.file, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		covered := false
		for _, f := range append(files, e.file) {
			b, _ := os.ReadFile(f) // a folder has no text of its own
			covered = covered || strings.Contains(string(b), e.check)
		}
		if !covered {
			t.Errorf("%s is to be covered by %q in %s", e.command, e.check, e.file)
		}
		used := false
		for _, s := range allShown(t) {
			used = used || (e.page == "" || e.page == s.page) && e.command.MatchString(s.text)
		}
		if !used {
			t.Errorf("no page shows %s", e.command)
		}
	}
}

var (
	composeName = regexp.MustCompile(`--profile (\S+)|\b(?:exec|logs --follow|--force-recreate) ([a-z-]+)`)
	deployPath  = regexp.MustCompile(`\bdeploy/[\w./-]+`)
)

// Lines that need a container engine, a cluster or root name profiles, services and files that exist; the
// tests in test/deploy check what those are.
func TestComposeLines(t *testing.T) {
	compose, names := read(t, "docker-compose.yml"), 0
	for _, s := range allShown(t) {
		if !coveredElsewhere(s) {
			continue
		}
		for _, file := range deployPath.FindAllString(s.text, -1) {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s:%d: %v", s.page, s.line, err)
			}
		}
		if !strings.HasPrefix(s.text, "docker compose") {
			continue
		}
		for _, m := range composeName.FindAllStringSubmatch(s.text, -1) {
			names++
			if m[1] != "" && !strings.Contains(compose, "profiles: ["+m[1]+"]") {
				t.Errorf("%s:%d: docker-compose.yml has no profile %s", s.page, s.line, m[1])
			}
			if m[2] != "" && !strings.Contains(compose, "\n  "+m[2]+":\n") {
				t.Errorf("%s:%d: docker-compose.yml has no service %s", s.page, s.line, m[2])
			}
		}
	}
	if names < 4 {
		t.Errorf("the lines of compose name only %d profiles and services", names)
	}
}

var makeLine = regexp.MustCompile(`\bmake ([a-z]+)\b`)

// Targets of make that pages name exist, and would run.
func TestMakeTargets(t *testing.T) {
	named := map[string]bool{}
	for _, s := range allShown(t) {
		if m := makeLine.FindStringSubmatch(s.text); m != nil && strings.HasPrefix(s.text, "make ") {
			named[m[1]] = true
		}
	}
	for _, span := range spans(t) {
		if m := makeLine.FindStringSubmatch(span.text); m != nil && strings.HasPrefix(span.text, "make ") {
			named[m[1]] = true
		}
	}
	if len(named) < 5 {
		t.Fatalf("the pages name only the targets %v", named)
	}
	for target := range named {
		if out, err := exec.Command("make", "--dry-run", target).CombinedOutput(); err != nil {
			t.Errorf("make %s: %v\n%s", target, err, out)
		}
	}
}

var testLine = regexp.MustCompile(`-(?:run|fuzz|bench)[= ]'?\^?([A-Z]\w+)|(\./[\w./]+)`)

// Lines of go test name packages and tests that exist.
func TestGoTestLines(t *testing.T) {
	for _, s := range allShown(t) {
		if !strings.HasPrefix(s.text, "go test") {
			continue
		}
		var names, packages []string
		for _, m := range testLine.FindAllStringSubmatch(s.text, -1) {
			if m[1] != "" {
				names = append(names, m[1])
			} else {
				packages = append(packages, m[2])
			}
		}
		for _, name := range packages {
			dir := strings.TrimSuffix(name, "/...")
			files, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
			if _, err := os.Stat(dir); err != nil || (len(files) == 0 && dir == name) {
				t.Errorf("%s:%d: there is no package with tests in %s", s.page, s.line, dir)
			}
			for _, name := range names {
				if !funcIn(files, name) {
					t.Errorf("%s:%d: %s has no test that begins with %s", s.page, s.line, dir, name)
				}
			}
		}
	}
}

func funcIn(files []string, name string) bool {
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), "\nfunc "+name) {
			return true
		}
	}
	return false
}
