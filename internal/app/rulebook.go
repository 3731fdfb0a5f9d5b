package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/policy"
)

// Bounds of the files, in bytes; the loader reports what is larger.
const (
	maxRulesFile = policy.MaxFile
	maxListFile  = policy.MaxListFile
)

// How the rules file is watched. Events tell most changes at once; some file systems and
// single-file mounts tell nothing, so the content is compared every pollEvery as well. A change is
// read after the file was quiet for settleFor: editors write in several steps.
const (
	pollEvery = 5 * time.Second
	settleFor = 100 * time.Millisecond
)

// ErrRules is wrapped by errors that say why rules were not taken; every problem is a line.
var ErrRules = errors.New("rules refused")

// rulebook holds the rules in force and replaces them when their files change. Rules with an
// error never replace good ones.
type rulebook struct {
	path    string
	log     *slog.Logger
	told    func(rules int, err error) // of a changed file, may be nil
	current atomic.Pointer[policy.Rules]

	mu   sync.Mutex // guards the fields below, and lets one reload run at a time
	seen versions   // what the last attempt read
	bad  string     // problems of the last attempt that was refused; empty after a good one
	last reading    // what the operator is told

	loaded, success, stamp prometheus.Gauge
}

func newRulebook(path string, reg prometheus.Registerer, log *slog.Logger) *rulebook {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "groupguard_" + name, Help: help})
		reg.MustRegister(g)
		return g
	}
	return &rulebook{
		path: path, log: log,
		loaded:  gauge("rules_loaded", "Rules in force."),
		success: gauge("rules_reload_success", "Whether the last reading of the rules was taken: 1, or 0 when the former rules stay in force."),
		stamp:   gauge("rules_last_reload_timestamp_seconds", "When rules were last taken."),
	}
}

// rules returns the rules in force.
func (b *rulebook) rules() *policy.Rules { return b.current.Load() }

// reload reads the rules again, whether they changed or not.
func (b *rulebook) reload() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read()
}

// refresh reads the rules again when a file changed, or when the last attempt was refused.
func (b *rulebook) refresh() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bad == "" && !b.seen.changed() {
		return nil
	}
	return b.read()
}

// read loads, and swaps when there was no error. The caller holds b.mu.
func (b *rulebook) read() error {
	b.seen = versions{}
	file := newRulesFile(b.path, b.seen)
	rules, problems := file.tested(context.Background())
	b.last.problems = problems
	var lines []string
	for _, p := range problems {
		switch {
		case p.Severity == policy.SeverityError:
			lines = append(lines, p.String())
		case p.Severity == policy.SeverityWarning && rules != nil:
			b.log.Warn("rules", "problem", p.String())
		}
	}
	if rules == nil {
		text := strings.Join(lines, "\n")
		b.success.Set(0)
		if b.bad != text && b.current.Load() != nil {
			for _, l := range lines {
				b.log.Error("rules refused, the former rules stay in force", "problem", l)
			}
			b.tell(0, fmt.Errorf("%w:\n%s", ErrRules, text))
		}
		b.bad = text
		return fmt.Errorf("%w:\n%s", ErrRules, text)
	}
	mended := b.bad != ""
	b.bad = ""
	former := b.current.Swap(rules)
	b.last.text, b.last.at = file.data[b.path], time.Now()
	b.loaded.Set(float64(len(rules.Infos())))
	b.success.Set(1)
	b.stamp.SetToCurrentTime()
	what := "rules in force"
	switch {
	case former == nil || former.Hash() != rules.Hash():
	case mended:
		what = "rules in force again, as before"
	default:
		what = "rules unchanged"
	}
	b.log.Info(what, "file", b.path, "rules", len(rules.Infos()), "hash", rules.Hash())
	if former != nil && (mended || former.Hash() != rules.Hash()) {
		b.tell(len(rules.Infos()), nil)
	}
	return nil
}

func (b *rulebook) tell(rules int, err error) {
	if b.told != nil {
		b.told(rules, err)
	}
}

// watch follows the files until the context ends. The folder is watched, not the file: a watch on
// a file goes blind when the file is replaced.
func (b *rulebook) watch(ctx context.Context) {
	var events chan fsnotify.Event
	var faults chan error
	if w, err := fsnotify.NewWatcher(); err != nil {
		b.log.Warn("cannot watch the rules, comparing them instead", "every", pollEvery, "err", err)
	} else {
		defer w.Close()
		if err := w.Add(filepath.Dir(b.path)); err != nil {
			b.log.Warn("cannot watch the rules, comparing them instead", "every", pollEvery, "err", err)
		}
		events, faults = w.Events, w.Errors
	}
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	settle := time.NewTimer(time.Hour)
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
			settle.Reset(settleFor)
		case err := <-faults:
			b.log.Warn("events about the rules were lost, the next comparison finds the change", "err", err)
		case <-settle.C:
			_ = b.refresh() // logged and measured there
		case <-poll.C:
			_ = b.refresh()
		}
	}
}
