package doctor

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/policy"
)

// maxProblems is how many problems of rules have a line of their own.
const maxProblems = 10

// Rules looks at a rules file, with the problems that it has. Without errors the rules are not nil.
func Rules(file string, rules *policy.Rules, problems []policy.Problem) []Check {
	var out []Check
	errors, warnings := 0, 0
	for _, p := range problems {
		switch p.Severity {
		case policy.SeverityError:
			if errors++; errors <= maxProblems {
				fix := p.Hint
				p.Hint = ""
				out = append(out, failure(AboutRules, fix, "%s", p.String()))
			}
		case policy.SeverityWarning:
			warnings++
		}
	}
	if more := errors - maxProblems; more > 0 {
		out = append(out, failure(AboutRules, "bot check "+file, "%s: %s more", file, count(more, "error")))
	}
	if rules == nil {
		return out
	}
	out = append(out, ok(AboutRules, "%s: %s, hash %s; %s", file, count(len(rules.Infos()), "rule"), rules.Hash(), tested(rules)))
	if warnings > 0 {
		out = append(out, warning(AboutRules, "bot check "+file, "%s has %s", file, count(warnings, "warning")))
	}
	return append(out, modes(rules)...)
}

// tested says whether the tests that stand in the rules have passed: rules with one that fails have an
// error.
func tested(rules *policy.Rules) string {
	if n := len(rules.Tests()); n > 0 {
		return count(n, "test") + " passed"
	}
	return "no tests"
}

// modes warns of rules that do nothing, and of those that nothing holds back.
func modes(rules *policy.Rules) []Check {
	enforced, unbraked := 0, []string(nil)
	for _, info := range rules.Infos() {
		e, yes := rules.Enforcement(info.ID)
		if !yes {
			continue
		}
		enforced++
		if !e.Brake.On() {
			unbraked = append(unbraked, string(info.ID))
		}
	}
	var out []Check
	if enforced == 0 {
		out = append(out, warning(AboutRules, "look at what they would have done (bot replay, or the metric rule_matches_total), then set mode: enforce",
			"no rule is enforced: nobody is removed"))
	}
	if n := len(unbraked); n > 0 {
		out = append(out, warning(AboutRules, "give them a brake, or write one under defaults: brake: {removals: 20, within: 5m}",
			"%s without a brake, %q first: a mistake in it removes everybody it fits", verb(n), unbraked[0]))
	}
	return out
}

func verb(n int) string {
	if n == 1 {
		return "1 enforced rule is"
	}
	return fmt.Sprintf("%d enforced rules are", n)
}
