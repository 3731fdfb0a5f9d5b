package policy

import (
	"strings"
	"testing"
)

func TestAWordOfOneLetterIsFoundAsItIs(t *testing.T) {
	rules := hunting(t, everything, "", "操", "赌博")
	for text, want := range map[string]string{"操": "操", "我操 你": "操", "赌*博": "赌*博", "做 梦": ""} {
		if got := strings.Join(foundIn(rules, text), "|"); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

// A word that nothing is left of is reported once, where it stands.
func TestAWordWithNothingToSee(t *testing.T) {
	const rule = "\nrules:\n  - {id: a, on: message, when: {text: {has_any: bad, see_through: [spacing]}}, then: [alert: {}]}\n"
	for name, tc := range map[string]struct{ yaml, file, want string }{
		"a list of the file": {"version: 1\nlists:\n  bad:\n    kind: word\n    values:\n      - casino\n      - '...'" + rule +
			"  - {id: b, on: message, when: {text: {has_any: bad, see_through: [spacing]}}, then: [alert: {}]}\n", "", "rules.yaml:7:9: error: the word \"...\" of list bad"},
		"a list file":    {"version: 1\nlists:\n  bad: {kind: word, file: bad.txt}" + rule, "\ufeff# words\ncasino\n  ... \n", "bad.txt:3:1: error: the word \"...\" of list bad"},
		"the rule's own": {"version: 1" + strings.Replace(rule, "has_any: bad", "has_any: [casino, '...']", 1), "", "rules.yaml:3:58: error: the word \"...\" of the rule's own list"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := Load(Source{Name: "rules.yaml", Data: []byte(tc.yaml), ReadFile: func(string) ([]byte, error) { return []byte(tc.file), nil }}, testNow)
			var errs []string
			for _, p := range problems {
				if p.Severity == SeverityError {
					errs = append(errs, p.String())
				}
			}
			if len(errs) != 1 || !strings.HasPrefix(errs[0], tc.want) {
				t.Errorf("%q, want %q", errs, tc.want)
			}
		})
	}
}
