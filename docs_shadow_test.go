package groupguard_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
)

// startsWith finds the rules that a page has its reader start with: a setting, or a file that is installed.
var startsWith = regexp.MustCompile(`^export BOT_RULES=(\S+)|^sudo install -m 0644 (\S+\.yaml) /etc/groupguard/rules/rules\.yaml`)

// Whoever follows a page to a bot of his own starts with rules of which none acts. The sample rules, of which
// most do, would remove members of groups whose owner has read none of them.
func TestWhatPagesStartWithEnforcesNothing(t *testing.T) {
	for page, starts := range map[string]int{
		"README.md": 1, "docs/getting-started-tencent.md": 1, "docs/getting-started-cams.md": 1, "docs/deployment.md": 1,
	} {
		dir, found := t.TempDir(), 0
		if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(read(t, "rules.yaml")), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range shownOn(page, read(t, page)) {
			if strings.HasPrefix(c.text, "sed ") {
				line := exec.Command("sh", "-c", c.text)
				line.Dir = dir
				if out, err := line.CombinedOutput(); err != nil {
					t.Errorf("%s:%d: %v\n%s", page, c.line, err, out)
				}
			}
			if m := startsWith.FindStringSubmatch(c.text); m != nil {
				found++
				actsOnNobody(t, page, filepath.Join(dir, m[1]+m[2]))
			}
		}
		if found != starts {
			t.Errorf("%s starts with rules at %d places, not at %d", page, found, starts)
		}
	}
}

// actsOnNobody loads rules and wants every one of the sample rules among them, in shadow.
func actsOnNobody(t *testing.T, page, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%s: %v", page, err)
		return
	}
	load := func(data string) *policy.Rules {
		rules, problems := policy.Load(policy.Source{Name: filepath.Base(file), Data: []byte(data)}, time.Now())
		if rules == nil {
			t.Fatalf("%s: %v", page, problems)
		}
		return rules
	}
	rules, sample := load(string(data)), load(read(t, "rules.yaml"))
	if len(rules.Infos()) != len(sample.Infos()) {
		t.Errorf("%s starts with %d of %d rules", page, len(rules.Infos()), len(sample.Infos()))
	}
	for _, r := range rules.Infos() {
		if r.Mode != policy.ModeShadow {
			t.Errorf("%s: the rule %s is to %s from the start", page, r.ID, r.Mode)
		}
	}
}

// What the pages say of the sample rules: six of eight act.
func TestHowManySampleRulesAct(t *testing.T) {
	rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(read(t, "rules.yaml"))}, time.Now())
	if rules == nil {
		t.Fatal(problems)
	}
	acting := 0
	for _, r := range rules.Infos() {
		if r.Mode == policy.ModeEnforce {
			acting++
		}
	}
	if acting != 6 || len(rules.Infos()) != 8 {
		t.Errorf("%d of %d sample rules act: README.md, docs/deployment.md and both pages for newcomers say six of eight", acting, len(rules.Infos()))
	}
}
