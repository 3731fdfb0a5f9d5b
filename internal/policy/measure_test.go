package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestWhatATextIsLike(t *testing.T) {
	for _, tc := range []struct {
		when, text string
		want       bool
	}{
		{"length_over: 5", "hello", false},
		{"length_over: 5", "hello!", true},
		{"length_over: 2", "赌博", false},
		{"length_over: 2", "赌博网", true},
		{"length_over: 4", "c\u0338a\u0338\u200b\u200b\u200b", false},
		{"length_over: 2", "ที่นี่", false},
		{"length_under: 3", "ok", true},
		{"length_under: 3", "", false},
		{"length_under: 3", "yes", false},
		{"caps_over: 70%", "BUY NOW okay", false},
		{"caps_over: 70%", "BUY NOW o", true},
		{"caps_over: 70%", "OK", false},
		{"caps_over: 70%", "КУПИ СЕЙЧАС", true},
		{"caps_over: 70%", "赌博赌博赌博", false},
		{"caps_over: 50%", "ABCDEfghij", false},
		{"caps_over: 50%", "ABCDEFghij", true},
		{"emoji_over: 2", "😀😀", false},
		{"emoji_over: 2", "😀 🔥 ❤️", true},
		{"emoji_over: 1", "👨‍👩‍👧", false},
		{"emoji_over: 1", "👍🏽", false},
		{"emoji_over: 1", "🇺🇸", false},
		{"emoji_over: 1", "🇺🇸🇨🇦", true},
		{"emoji_over: 1", "🏃🏽‍♂️", false},
		{"emoji_over: 1", "1️⃣2️⃣", true},
		{"emoji_over: 0", "© 2026, ™ 5 № 3 →", false},
		{"emoji_over: 0", "☎️", true},
		{"emoji_over: 0", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", true},
		{"emoji_over: 1", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", false},
		{"marks_over: 3", "h\u0335e\u0336l\u0337lo", false},
		{"marks_over: 3", "h\u0335e\u0336l\u0337l\u0338o", true},
		{"marks_over: 0", "Tie\u0302\u0301ng Vie\u0323\u0302t, e\u0301te\u0301", false},
		{"marks_over: 0", "قِمَار ไพ่ हिन्दी שָׁלוֹם", false},
		{"marks_over: 5", "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308", true},
		{"marks_over: 0", "1️⃣", false},
		{"script_in: cyrillic", "casino", false},
		{"script_in: Cyrillic", "cаsino", true},
		{"script_in: [han, arabic]", "来", true},
		{"script_in: [han, arabic]", "123 !", false},
		{"length_over: 3, script_in: latin", "abcd", true},
		{"length_over: 3, script_in: latin", "abc", false},
		{"length_over: 3, has_any: [spam]", "spam", true},
		{"length_over: 4, has_any: [spam]", "spam", false},
	} {
		r := one(t, "when: {text: {"+tc.when+"}}")
		if got := removed(r, message(tc.text), chat.Facts{}); got != tc.want {
			t.Errorf("%s on %+q: %t", tc.when, tc.text, got)
		}
	}
}

func TestAnOutlineExceptionExcusesTheMessage(t *testing.T) {
	r := one(t, "when: {text: {has_any: bad}}, unless: [{name: long, text: {length_over: 20}}]")
	if !removed(r, message("casino"), chat.Facts{}) || removed(r, message("casino and much else that is said"), chat.Facts{}) {
		t.Error("the exception does not excuse as it should")
	}
}

func TestTextConditionsThatAreRefused(t *testing.T) {
	for when, want := range map[string]string{
		"caps_over: 70":                                    "caps_over must be a percentage from 0% to 99% (such as 70%)",
		"caps_over: 100%":                                  "caps_over must be a percentage from 0% to 99%",
		"length_over: many":                                "length_over must be a whole number",
		"length_under: 0":                                  "length_under must be 1 to 100000",
		"script_in: cyrilic":                               `there is no script "cyrilic" (did you mean "cyrillic"?)`,
		"script_in: common":                                `there is no script "common"`,
		"has_any: ['...'], see_through: [spacing]":         "has nothing to see, or too much",
		"has_any: [\"\\u0301\"], see_through: [lookalike]": "has nothing to see, or too much",
		"has_any: [ab], see_through: [leets]":              `see_through cannot be "leets" (did you mean "leet"?)`,
		"match: anywhere":                                  "text says nothing",
	} {
		_, problems := Load(Source{Name: "rules.yaml", Data: fmt.Appendf(nil,
			"{version: 1, rules: [{id: r, on: message, mode: enforce, when: {text: {%s}}, then: [remove: {}]}]}", when)}, testNow)
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%s: %v, want %s", when, problems, want)
		}
	}
}
