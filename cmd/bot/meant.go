package main

import (
	"fmt"
	"slices"
)

// near returns the rule of the rules file that a misspelt one probably means, as a question behind a
// sentence; empty when there is none.
func near(rule string, p process) string {
	best, least := "", max(3, len(rule)/3)
	for _, id := range ruleIDs(p.env) {
		if n := changes(rule, id); n < least {
			best, least = id, n
		}
	}
	if rule == "" || best == "" || best == rule {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// meant is near for a sentence that does not say that there is no such rule.
func meant(rule string, p process) string {
	ids := ruleIDs(p.env)
	if rule == "" || len(ids) == 0 || slices.Contains(ids, rule) {
		return ""
	}
	return fmt.Sprintf("; %s here has no rule %q%s", rulesFile("", p), rule, near(rule, p))
}

// changes counts the letters to put in, leave out, change or swap with the next to make one word of
// another.
func changes(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			same := row[j]
			if a[i] != b[j] {
				same++
			}
			next[j+1] = min(same, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
