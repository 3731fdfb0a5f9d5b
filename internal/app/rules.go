package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// LoadRules reads and compiles a rules file, and runs the tests that stand in it: one that fails is an
// error like any other. List files are read beside it.
func LoadRules(path string) (*policy.Rules, []policy.Problem) { return loadRules(path, versions{}) }

// ReadRules reads and compiles a rules file, without its tests.
func ReadRules(path string) (*policy.Rules, []policy.Problem) {
	return newRulesFile(path, versions{}).load(false)
}

// RehearseRules is ReadRules with rules in shadow judged as if they were enforced.
func RehearseRules(path string) (*policy.Rules, []policy.Problem) {
	f := newRulesFile(path, versions{})
	f.rehearse = true
	return f.load(false)
}

// RunTests runs the tests that stand in a rules file, those that the filter lets through; nil lets
// all through. Without rules, the problems say why.
func RunTests(ctx context.Context, path string, filter func(*policy.Test) bool) (*policy.Rules, []trial.Result, []policy.Problem, error) {
	f := newRulesFile(path, versions{})
	rules, problems := f.load(false)
	if rules == nil {
		return nil, nil, problems, nil
	}
	results, err := f.test(ctx, rules, filter)
	return rules, results, problems, err
}

func loadRules(path string, seen versions) (*policy.Rules, []policy.Problem) {
	return newRulesFile(path, seen).tested(context.Background())
}

// tested compiles the file and runs its tests.
func (f *rulesFile) tested(ctx context.Context) (*policy.Rules, []policy.Problem) {
	rules, problems := f.load(false)
	if rules == nil || len(rules.Tests()) == 0 {
		return rules, problems
	}
	results, err := f.test(ctx, rules, nil)
	if err != nil {
		return nil, append(problems, f.problem("its tests cannot be run: "+err.Error()))
	}
	if failed := trial.Problems(results); len(failed) > 0 {
		return nil, append(problems, failed...)
	}
	return rules, problems
}

// rulesFile is a rules file with its list files, each read once: what is tested is what is taken.
type rulesFile struct {
	path     string
	seen     versions
	data     map[string][]byte
	rehearse bool         // rules in shadow are judged as if they were enforced
	stop     func() error // see policy.Source
	// only, when not nil, are the list files that may be read: those that rules in force name. The text of
	// the rules may be a stranger's to this machine, and must not lead to other files of it.
	only []string
}

func newRulesFile(path string, seen versions) *rulesFile {
	return &rulesFile{path: path, seen: seen, data: map[string][]byte{}}
}

func (f *rulesFile) read(path string, most int64) ([]byte, error) {
	if data, ok := f.data[path]; ok {
		return data, nil
	}
	data, err := f.seen.read(path, most)
	if err == nil {
		f.data[path] = data
	}
	return data, err
}

// load compiles the file. Awake rules judge though they are off.
func (f *rulesFile) load(awake bool) (*policy.Rules, []policy.Problem) {
	data, err := f.read(f.path, maxRulesFile)
	if err != nil {
		return nil, []policy.Problem{f.problem("cannot be read: " + cause(err))}
	}
	return policy.Load(policy.Source{Name: f.path, Data: data, Awake: awake, Rehearse: f.rehearse, Stop: f.stop, ReadFile: func(name string) ([]byte, error) {
		if f.only != nil && !slices.Contains(f.only, name) {
			return nil, errors.New("only the list files of the rules in force can be read here")
		}
		return f.read(filepath.Join(filepath.Dir(f.path), name), maxListFile)
	}}, time.Now())
}

func (f *rulesFile) problem(text string) policy.Problem {
	return policy.Problem{File: f.path, Line: 1, Column: 1, Severity: policy.SeverityError, Text: text}
}

// test runs tests. Somebody who writes a rule that is off, and its tests, wants to know whether the
// rule is right before it is switched on: it is judged as if it were in shadow.
func (f *rulesFile) test(ctx context.Context, rules *policy.Rules, filter func(*policy.Test) bool) ([]trial.Result, error) {
	off := map[string]bool{}
	for _, info := range rules.Infos() {
		off[string(info.ID)] = info.Mode == policy.ModeOff
	}
	if slices.ContainsFunc(rules.Tests(), func(t policy.Test) bool { return off[string(t.Rule)] }) {
		if awake, _ := f.load(true); awake != nil {
			rules = awake
		}
	}
	return trial.Run(ctx, rules, filter)
}
