package policy

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// What other systems for moderation get wrong about text, one by one.
func TestTextFaultsOfOthers(t *testing.T) {
	const words = "has_any: [赌博, казино, casino, free money, bad, 微信]"
	for _, tc := range []struct {
		name, keys, text string
		want             bool
	}{
		{"Han words have no borders", "", "来赌博吧", true},
		{"a Han word alone", "", "赌博", true},
		{"Cyrillic words have borders", "", "онлайн казино тут", true},
		{"and are not found within others", "", "казиношный", false},
		{"zero-width characters within a word", "", "b\u200bad", true},
		{"Han is never read as Latin", ", see_through: " + everything, "千山万水几乙 fw nz", false},
		{"digits behind Han stay digits", ", see_through: " + everything, "加微信12345", true},
		{"Cyrillic is found in its own letters", ", see_through: " + everything, "казино", true},
		{"and with Latin ones among them", ", see_through: " + everything, "кaзинo", true},
		{"but is not read as another word", ", see_through: " + everything, "kaenho", false},
		{"phrases", "", "get free money now", true},
		{"short texts", "", "赌博", true},
		{"an exception covers only what it matches", ", see_through: " + everything, "打击赌博，来赌 博", true},
		{"and does cover that", ", see_through: " + everything, "公安打击赌博", false},
		{"letters of one shape", ", see_through: " + everything, "cаsіnо bonus", true},
		{"spaced Han", ", see_through: " + everything, "来 赌 博 吧", true},
		{"words in a sentence by chance", ", see_through: " + everything, "basic as in orange, он каз и но, 他打赌。博士来了", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := one(t, "when: {text: {"+words+tc.keys+"}}, unless: [{name: news, text: {has_any: [打击赌博]}}]")
			if got := removed(r, message(tc.text), chat.Facts{}); got != tc.want {
				t.Errorf("%q: removed %t", tc.text, got)
			}
		})
	}
}

func TestWordsThatFoldToOneKeepApart(t *testing.T) {
	r := hunting(t, everything, "", "book", "bok", "tool", "188", "ibb")
	for text, want := range map[string]string{
		"book": "book", "bok": "bok", "boooook": "boooook", "tol": "", "tool": "tool", "188": "188", "1888": "", "iBB": "iBB", "i88": "i88",
	} {
		if got := strings.Join(foundIn(r, text), "|"); want != "i88" && got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
	all := one(t, "when: {text: {has_all: [book, bok, 赌博], see_through: "+everything+"}}")
	for text, want := range map[string]bool{"book bok 赌*博": true, "book 赌博": true, "bok 赌博": false, "book bok": false} {
		if got := removed(all, message(text), chat.Facts{}); got != want {
			t.Errorf("has_all on %q: %t", text, got)
		}
	}
}

func TestWhereDisguisedWordsCount(t *testing.T) {
	for _, tc := range []struct {
		more, text, found string
	}{
		{", match: anywhere", "megacasinos", "casino"},
		{", match: anywhere", "basic as in orange", ""},
		{", match: anywhere", "xc a s i n ox", ""},
		{", match: anywhere", "xc.a.s.i.n.ox", "c.a.s.i.n.o"},
		{", match: whole", " c a s i n o! 🔥", "c a s i n o"},
		{", match: whole", "c a s i n o 5", ""},
		{", match: word", "xc.a.s.i.n.o", ""},
		{", match: word", "casino\u200bs", ""},
		{", match: word", "去casino吧", "casino"},
		{", match: word", "2casino ⓢcasino", ""},
	} {
		if got := strings.Join(foundIn(hunting(t, everything, tc.more, "casino"), tc.text), "|"); got != tc.found {
			t.Errorf("%s in %q: found %q, want %q", tc.more, tc.text, got, tc.found)
		}
	}
}

// Each disguise is seen through only when the rule says so.
func TestDisguisesAreSeenThroughOneByOne(t *testing.T) {
	disguised := map[string]string{"lookalike": "cаsino", "spacing": "c.a.s.i.n.o", "leet": "c4$ino", "repeats": "caaasino", "width": "ｃasino", "case": "CASINO", "invisible": "ca\u200bsino"}
	for option := range disguised {
		r := hunting(t, "["+option+"]", "", "casino")
		for other, text := range disguised {
			if got := foundIn(r, text) != nil; got != (option == other || option == "lookalike" && other == "width") {
				t.Errorf("see_through: [%s] on %q: %t", option, text, got)
			}
		}
	}
}

func TestRegexesSeeLookalikesOnly(t *testing.T) {
	r := one(t, `when: {text: {regex: 'casino \d+', see_through: `+everything+`}}`)
	for text, want := range map[string]bool{"CASINO 5": true, "cаsіnо 5": true, "c a s i n o 5": false, "caasino 5": false, "c4sino 5": false} {
		if got := removed(r, message(text), chat.Facts{}); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	listed := load(t, `{version: 1, lists: {re: {kind: regex, values: ['casino \d+', 'spam']}}, rules: [
		{id: r, on: message, mode: enforce, when: {text: {has_any: re}}, then: [remove: {}]}]}`)
	for text, want := range map[string]bool{"CASINO 5": true, "spam": true, "casino": false} {
		if got := removed(listed, message(text), chat.Facts{}); got != want {
			t.Errorf("list of regexes on %q: %t", text, got)
		}
	}
}
