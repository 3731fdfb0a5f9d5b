package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// loadPatterns loads a rule that looks for a list of the kind regex with two entries of its own and
// those of a file.
func loadPatterns(text, file string) (*Rules, []Problem) {
	return Load(Source{
		Name: "rules.yaml",
		Data: []byte("version: 1\nlists: {bad: {kind: regex, values: ['wi+n \\d+', '（代开）'], file: lists/bad.txt}}\n" +
			"rules: [{id: r, on: message, mode: enforce, when: {text: {" + text + "}}, then: [remove: {}]}]\n"),
		ReadFile: func(name string) ([]byte, error) {
			if name != "lists/bad.txt" {
				return nil, errors.New("no such file")
			}
			return []byte(file), nil
		},
	}, testNow)
}

func TestListsOfExpressions(t *testing.T) {
	const file = "# adverts\nfree +money\n\n\\bt\\.me/joinchat\n"
	for _, tc := range []struct {
		text, said string
		want       bool
	}{
		{"has_any: bad", "WIIIN 500", true},
		{"has_any: bad", "ｗｉｎ ５", true},
		{"has_any: bad", "(代开)", true},
		{"has_any: bad", "Free   money", true},
		{"has_any: bad", "see t.me/joinchat", true},
		{"has_any: bad", "free coffee", false},
		{"has_any: bad, see_through: []", "WIIIN 500", false},
		{"has_any: bad, see_through: []", "wiiin 500", true},
	} {
		t.Run(tc.text+" "+tc.said, func(t *testing.T) {
			r, problems := loadPatterns(tc.text, file)
			if r == nil {
				t.Fatal(problems)
			}
			if got := removed(r, message(tc.said), chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestABrokenExpressionInAListFileHasItsPlace(t *testing.T) {
	for file, want := range map[string]string{
		"fine\n(\n":                          "lists/bad.txt:2:1: error: \"(\" cannot be in a list of the kind regex: error parsing regexp: missing closing )",
		"# a comment\n(?=ahead)\nfine\n":     "lists/bad.txt:2:1: error: \"(?=ahead)\" cannot be in a list",
		"fine\n" + strings.Repeat("a", 2000): "lists/bad.txt:2:1: error: ",
		"fine\n((a{100}){100}){100}\n":       "lists/bad.txt:2:1: error: ",
		"fine\nfine too\n\xff(\n\n":          "lists/bad.txt:3:1: error: ",
	} {
		r, problems := loadPatterns("has_any: bad", file)
		if r != nil || len(problems) != 1 || !strings.HasPrefix(problems[0].String(), want) {
			t.Errorf("%.20q: %v", file, problems)
		}
	}
}
