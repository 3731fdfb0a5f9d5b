package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

// oneWord returns rules that block messages with a word.
func oneWord(word string) string {
	return strings.NewReplacer("WORD", word).Replace(`version: 1
rules:
  - id: word
    on: message
    mode: enforce
    when: {text: {has_any: ["WORD"]}}
    then:
      - block: {}
`)
}

// blocks tells whether a message with the word is refused.
func blocks(t *testing.T, s *sim.Server, word string) bool {
	t.Helper()
	return !say(t, s, sim.Message{Group: public, Member: "ann", Text: "say " + word}).Delivered
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRulesAreReadAgainHoweverTheyChange(t *testing.T) {
	r := start(t, sim.Options{}, oneWord("first"), "", func(c *config.Config) { c.CAMS = config.CAMS{} })
	addGroups(t, r.sim)
	file := filepath.Join(r.rulesDir, "rules.yaml")
	if !blocks(t, r.sim, "first") || blocks(t, r.sim, "second") {
		t.Fatal("the rules at the start are not in force")
	}

	write(t, file, oneWord("second"))
	eventually(t, "a write in place is taken", func() bool { return blocks(t, r.sim, "second") })

	write(t, file+".new", oneWord("third"))
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a rename is taken", func() bool { return blocks(t, r.sim, "third") })

	// A folder that is swapped as a whole, as mounted configuration is: rules.yaml points into
	// ..data, which points to the newest folder.
	for _, v := range []string{"v1", "v2"} {
		if err := os.Mkdir(filepath.Join(r.rulesDir, v), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(r.rulesDir, v, "rules.yaml"), oneWord("of-"+v))
	}
	swap := func(target, name string) {
		t.Helper()
		tmp := filepath.Join(r.rulesDir, "..tmp")
		if err := os.Symlink(target, tmp); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(r.rulesDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	swap("v1", "..data")
	swap(filepath.Join("..data", "rules.yaml"), "rules.yaml")
	eventually(t, "a symlink is taken", func() bool { return blocks(t, r.sim, "of-v1") })
	swap("v2", "..data")
	eventually(t, "a swap of the symlink's folder is taken", func() bool { return blocks(t, r.sim, "of-v2") })

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := r.app.Reload(); err == nil || !strings.Contains(err.Error(), "rules.yaml:1:1: error: cannot be read") {
		t.Errorf("a missing file: %v", err)
	}
	write(t, file, oneWord("broken")+"    colour: red\n")
	if err := r.app.Reload(); err == nil || !strings.Contains(err.Error(), `rules.yaml:9:5: error:`) {
		t.Errorf("a broken file: %v", err)
	}
	if !blocks(t, r.sim, "of-v2") || blocks(t, r.sim, "broken") {
		t.Error("the former rules are not in force")
	}

	write(t, file, oneWord("last"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.app.AdminAddr()+"/-/reload", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.cfg.AdminToken.Reveal())
	if status := r.do(t, req); status != http.StatusOK || !blocks(t, r.sim, "last") {
		t.Errorf("reload by the admin port: %d", status)
	}
}

func TestBrokenRulesAtTheStartAreRefused(t *testing.T) {
	s, url := newSim(t, sim.Options{})
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, file, "version: 1\nrules: 7\n")
	_, err := app.New(t.Context(), settingsFor(t, s, url, t.TempDir(), file, ""), app.Options{Log: quiet()})
	if err == nil || !strings.Contains(err.Error(), "rules.yaml:2:8: error:") {
		t.Errorf("got %v", err)
	}
}
