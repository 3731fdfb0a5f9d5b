package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/groupguard/groupguard/internal/admin"
)

// near returns the rule that a misspelt one probably means, as a question behind a sentence; empty when
// there is none.
func (c *counter) near(ctx context.Context, rule string) string {
	_, ids := c.ruleIDs(ctx, rule)
	return nearest(rule, ids)
}

// meant is near for a sentence that does not say that there is no such rule.
func (c *counter) meant(ctx context.Context, rule string) string {
	where, ids := c.ruleIDs(ctx, rule)
	if len(ids) == 0 || slices.Contains(ids, rule) {
		return ""
	}
	return fmt.Sprintf("; %s has no rule %q%s", where, rule, nearest(rule, ids))
}

// ruleIDs are the rules that a rule's name is looked for in: those of the bot that was asked, which may have another
// file, else those of the file here. There are none when no rule is named, or nobody knows.
func (c *counter) ruleIDs(ctx context.Context, rule string) (where string, ids []string) {
	if rule == "" {
		return "", nil
	}
	r, far := c.office.(*remote)
	if !far {
		return rulesFile("", c.process) + " here", ruleIDs(c.env)
	}
	list, err := askFor[admin.RulesList](ctx, r, http.MethodGet, "rules", nil)
	if err != nil {
		return "", nil // what was asked has its answer
	}
	for i := range list.Rules {
		ids = append(ids, string(list.Rules[i].ID))
	}
	return "the bot", ids
}

// nearest is near among rules that are known.
func nearest(rule string, ids []string) string {
	best, least := "", max(3, len(rule)/3)
	for _, id := range ids {
		if n := changes(rule, id); n < least {
			best, least = id, n
		}
	}
	if best == "" || best == rule {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
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
