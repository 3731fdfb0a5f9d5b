package app_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/groupguard/groupguard/internal/sim"
)

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// times returns how many lines have a text.
func (j *journal) times(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), text)
}

// Whoever mends rules, or asks for a reading, finds in the log what came of it.
func TestEachReadingOfTheRulesIsLogged(t *testing.T) {
	r := begin(t, sim.Options{}, oneWord("first"), "", onlyTencent)
	log := &journal{}
	r.log = slog.New(slog.NewTextHandler(log, nil))
	r.run(t)
	file := filepath.Join(r.rulesDir, "rules.yaml")
	const taken, again, same = `level=INFO msg="rules in force" `, `level=INFO msg="rules in force again, as before" `, `level=INFO msg="rules unchanged" `
	want := func(when string, counts ...int) {
		t.Helper()
		if a, b, c := log.times(taken), log.times(again), log.times(same); a != counts[0] || b != counts[1] || c != counts[2] {
			t.Errorf("%s: taken %d times, again %d times, unchanged %d times", when, a, b, c)
		}
	}
	want("at the start", 1, 0, 0)
	if err := r.app.Reload(); err != nil {
		t.Error(err)
	}
	want("a reload of the same", 1, 0, 1)
	write(t, file, oneWord("broken")+"    colour: red\n")
	if err := r.app.Reload(); err == nil {
		t.Error("broken rules are taken")
	}
	write(t, file, oneWord("first"))
	eventually(t, "the mended rules are logged", func() bool { return log.times(again) == 1 })
	want("mended", 1, 1, 1)
	write(t, file, oneWord("second"))
	eventually(t, "new rules are logged", func() bool { return log.times(taken) == 2 })
	want("new rules", 2, 1, 1)
}
