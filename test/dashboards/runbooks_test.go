package dashboards

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	heading = regexp.MustCompile(`(?m)^(#+) (.+)$`)
	fence   = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	toPage  = regexp.MustCompile(regexp.QuoteMeta(pageURL) + `([a-z-]+\.md)(?:#([a-z0-9-]+))?`)
)

// anchors returns the anchors that GitHub makes of a page's headings.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(string(read(t, root+"/docs/"+page)), -1) {
		all[regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[2]), "")] = true
	}
	spaced := map[string]bool{}
	for a := range all {
		spaced[strings.ReplaceAll(a, " ", "-")] = true
	}
	return spaced
}

// Every alert has a section, in the order of the rules' file, and no section is about an alert that is gone.
func TestRunbooksAreComplete(t *testing.T) {
	var sections, want []string
	for _, m := range heading.FindAllStringSubmatch(string(read(t, runbooks)), -1) {
		if strings.HasPrefix(m[2], "Groupguard") && m[1] == "##" {
			sections = append(sections, m[2])
		}
	}
	for _, a := range alerts(t) {
		want = append(want, a.Alert)
	}
	if !slices.Equal(sections, want) {
		t.Errorf("the sections are\n%s\nand the alerts\n%s", strings.Join(sections, "\n"), strings.Join(want, "\n"))
	}
}

// Links of dashboards and alerts lead to headings that are there.
func TestLinksLeadSomewhere(t *testing.T) {
	texts := []string{string(read(t, promDir+"/rules/groupguard.yaml"))}
	for _, b := range boards(t) {
		texts = append(texts, string(b.raw))
		for _, l := range b.Links {
			if other, ok := strings.CutPrefix(l.URL, "/d/"); ok && (!l.KeepTime || !l.IncludeVars || !isBoard(t, other)) {
				t.Errorf("%s: the link to %s leads nowhere, or forgets time or variables", b.UID, l.URL)
			}
		}
	}
	found := 0
	for _, text := range texts {
		for _, m := range toPage.FindAllStringSubmatch(text, -1) {
			found++
			if all := anchors(t, m[1]); m[2] != "" && !all[m[2]] {
				t.Errorf("docs/%s has no heading %q", m[1], m[2])
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d links", found)
	}
}

func isBoard(t *testing.T, path string) bool {
	t.Helper()
	uid, _, _ := strings.Cut(path, "/")
	return slices.ContainsFunc(boards(t), func(b board) bool { return b.UID == uid })
}

// askPages asks the queries of all pages, and returns how many there are.
func askPages(t *testing.T, prom server) (queries int) {
	t.Helper()
	pages, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		for _, m := range fence.FindAllStringSubmatch(string(read(t, page)), -1) {
			if m[1] != "promql" {
				continue
			}
			queries++
			if _, _, err := prom.values(m[2]); err != nil {
				t.Errorf("%s: %v\n%s", page, err, m[2])
			}
		}
	}
	return queries
}

// followRunbooks asks every query of the pages, and runs every command of the runbooks against the running
// bot.
func followRunbooks(t *testing.T, bots fleet, prom server) {
	code := ""
	if !until(t, time.Minute, func() bool {
		out, _ := bots.shell(t, "bot cases --rule banned-words")
		m := regexp.MustCompile(`(?m)^([0-9A-Z]{8}) `).FindStringSubmatch(out)
		if m != nil {
			code = m[1]
		}
		return m != nil
	}) {
		t.Fatal("the bot has no case")
	}
	fill := strings.NewReplacer("RULE", "banned-words", "GROUP", "@TGS#CHAT0", "CODE", code, "MEMBER", "wang_gambler", "HOST:PORT", bots.admins[1], "rules.yaml", root+"/rules.yaml")
	queries, commands := askPages(t, prom), 0
	for _, m := range fence.FindAllStringSubmatch(string(read(t, runbooks)), -1) {
		switch m[1] {
		case "promql":
		case "sh":
			for line := range strings.Lines(m[2]) {
				commands++
				line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
				if out, err := bots.shell(t, fill.Replace(line)); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		default:
			t.Errorf("a block of the kind %q is not proved by anything:\n%s", m[1], m[2])
		}
	}
	t.Logf("%d queries and %d commands", queries, commands)
	if queries < 40 || commands < 20 {
		t.Error("these are too few")
	}
}

// shell runs a line as an operator does, whose shell has the settings of the bot on Redis.
func (f *fleet) shell(t *testing.T, line string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", `bot() { "$BOT_BINARY" "$@"; }; `+line)
	cmd.Env = append(append(cleanEnv(), f.env...), "BOT_BINARY="+f.binary)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}
