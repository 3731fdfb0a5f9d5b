package policy

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// Whatever white space a text has, it is the space of a phrase.
func TestWhiteSpaceOfPhrases(t *testing.T) {
	for _, through := range []string{"[width, case, invisible]", "[]", "[lookalike]", "[leet]", "[repeats]", "[spacing]", everything} {
		rules := hunting(t, through, "", "free crypto", "casino")
		for text, want := range map[string]string{
			"get free crypto":          "free crypto",
			"get free  crypto now":     "free  crypto",
			"free\tcrypto":             "free\tcrypto",
			"free\ncrypto":             "free\ncrypto",
			"free\r\ncrypto":           "free\r\ncrypto",
			"free\u00a0crypto":         "free\u00a0crypto",
			"free \u2003 crypto\n\n":   "free \u2003 crypto",
			"casino  free crypto":      "casino|free crypto",
			"casino  free  crypto":     "casino|free  crypto",
			"freecrypto free  cryptos": "",
			"free  money\ncrypto":      "",
		} {
			found := foundIn(rules, text)
			if got := strings.Join(found, "|"); got != want && got != strings.ReplaceAll(want, "casino|free  crypto", "free  crypto|casino") {
				t.Errorf("see_through: %s on %q: found %q, want %q", through, text, got, want)
			}
		}
	}
}

func TestAllOfSomePhrases(t *testing.T) {
	for _, through := range []string{"[case]", "[leet]"} {
		rules := one(t, "when: {text: {has_all: [zebra, free crypto, casino], see_through: "+through+"}}")
		for text, want := range map[string]bool{
			"free\tcrypto casino zebra": true, "zebra casino free crypto": true, "free\tcrypto zebra": false, "casino\nfree zebra crypto": false,
		} {
			if got := removed(rules, message(text), chat.Facts{}); got != want {
				t.Errorf("%s on %q: %t", through, text, got)
			}
		}
	}
}

func TestAnExceptionWithAPhrase(t *testing.T) {
	rules := one(t, "when: {text: {has_any: [casino]}}, unless: [{text: {has_any: [no casino]}}]")
	for text, want := range map[string]bool{"no\ncasino": false, "no  casino": false, "so  casino": true} {
		if got := removed(rules, message(text), chat.Facts{}); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
