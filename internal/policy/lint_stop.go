package policy

import (
	"slices"
	"strings"
)

// stops are the enforced rules so far that end the look at later ones. Each is filed under the
// longest of its conditions, so that a rule is compared only with those that share one with it.
type stops map[string][]stopping

// stopping is a rule behind which nothing is looked at.
type stopping struct {
	rule   *rule
	line   int
	when   []string
	unless []string // the conditions of each exception, with its end
}

// checkHidden looks for an earlier rule that acts and stops whenever this one would match.
func (l *loader) checkHidden(when []string) {
	c, r := l.cur, l.cur.rule
	if r.mode == ModeOff {
		return
	}
	var unless []string
	for i, item := range itemsOf(c.unless) {
		of := conditionsOf(item)
		slices.Sort(of)
		unless = append(unless, strings.Join(of, " ")+" "+r.exceptions[i].until.String())
	}
	if s := l.stops.hiding(r, when, unless); s != nil {
		l.warnf(c.node, "move it up, or narrow the other", "rule %q never acts: rule %q in line %d matches first, and stops", r.id, s.rule.id, s.line)
	}
	if r.stop && r.mode == ModeEnforce {
		if l.stops == nil {
			l.stops = stops{}
		}
		file := ""
		if !r.holdsForEverybody() || r.counter != nil {
			for _, condition := range when {
				if len(condition) > len(file) {
					file = condition
				}
			}
		}
		l.stops[file] = append(l.stops[file], stopping{r, c.node.Line, when, unless})
	}
}

// maxCompared bounds how many rules with the same condition, and how many of their exceptions, one
// rule is compared with.
const maxCompared = 100

func (s stops) hiding(r *rule, when, unless []string) *stopping {
	if len(s) == 0 {
		return nil
	}
	for _, file := range append([]string{""}, when...) {
		of := s[file]
		for i := range of[:min(len(of), maxCompared)] {
			if of[i].hides(r, when, unless) {
				return &of[i]
			}
		}
	}
	return nil
}

// hides tells whether the earlier rule matches whenever the later one does.
func (s *stopping) hides(r *rule, when, unless []string) bool {
	if !within(r.kinds, s.rule.kinds) || !scoped(r.providers, s.rule.providers) || !scoped(r.groupTypes, s.rule.groupTypes) ||
		!slices.Contains(s.rule.groups, "*") && !scoped(r.groups, s.rule.groups) {
		return false
	}
	if len(s.unless) > maxCompared || !within(s.unless, unless) {
		return false
	}
	if c, ok := s.rule.counter.(*count); ok && c.what == "matches" && len(s.when) != len(when) {
		return false // further conditions on the text add matches
	}
	return s.rule.counter == nil && s.rule.holdsForEverybody() || within(s.when, when)
}

// within tells whether all elements of some are among all.
func within[T comparable](some, all []T) bool {
	return !slices.ContainsFunc(some, func(v T) bool { return !slices.Contains(all, v) })
}

// scoped is within for parts of a rule's scope, where none stands for all.
func scoped[T comparable](some, all []T) bool {
	return len(all) == 0 || len(some) > 0 && within(some, all)
}
