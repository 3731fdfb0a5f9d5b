package policy

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// The messages are made up anew from common words, by a fixed seed: repeated text would flatter
// every cache between the first byte and the verdict.
const benchMessages = 4096

func benchWords(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	seen := map[string]bool{}
	var words []string
	for len(words) < n {
		w := syllables(r, 2) + " " + syllables(r, 3)
		if len(words)%2 == 0 {
			w = han(r, 3+r.IntN(3))
		}
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

func syllables(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
		b.WriteByte("aeiou"[r.IntN(5)])
		b.WriteString([]string{"", "", "n", "r", "st"}[r.IntN(5)])
	}
	return b.String()
}

func han(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteRune(0x4E00 + rune(r.IntN(2500)))
	}
	return b.String()
}

func benchEvents(language string) []*chat.Event {
	r := rand.New(rand.NewPCG(8, 8))
	events := make([]*chat.Event, benchMessages)
	for i := range events {
		var b strings.Builder
		for b.Len() < 80 {
			if language == "zh" {
				b.WriteString(han(r, 2+r.IntN(4)) + "，")
			} else {
				b.WriteString(syllables(r, 1+r.IntN(3)) + " ")
			}
		}
		events[i] = message(b.String() + ".")
	}
	return events
}

// benchRules has one rule with a list of words.
func benchRules(t testing.TB, words int) *Rules {
	t.Helper()
	file := strings.Join(benchWords(words), "\n")
	rules, problems := Load(Source{
		Name: "rules.yaml",
		Data: []byte(`{version: 1, lists: {bad: {kind: word, file: bad.txt}}, rules: [
			{id: words, on: message, mode: enforce, when: {text: {has_any: bad}}, then: [remove: {}]},
			{id: links, on: message, mode: enforce, when: {member: {joined_within: 10m}, link: {domain_not_in: [example.com]}}, then: [remove: {}]}]}`),
		ReadFile: func(string) ([]byte, error) { return []byte(file), nil },
	}, testNow)
	if rules == nil {
		t.Fatal(problems)
	}
	return rules
}
