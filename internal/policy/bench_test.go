package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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

// judge does what one event costs: what has to be asked, and the decision.
func judge(rules *Rules, e *chat.Event) bool {
	x := rules.Examine(e)
	defer x.Release()
	look := x.Look()
	if look.Joined {
		x.Learn(chat.Facts{})
	}
	return len(look.Windows) == 0 && x.Judge().Case == nil
}

func TestCleanMessagesAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a pool drops what it is given")
	}
	rules := benchRules(t, 1000)
	for _, language := range []string{"en", "zh"} {
		events := benchEvents(language)
		for _, e := range events {
			judge(rules, e)
		}
		i := 0
		if n := testing.AllocsPerRun(1000, func() { judge(rules, events[i%len(events)]); i++ }); n != 0 {
			t.Errorf("%s: %v allocations for each message", language, n)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, words := range []int{10, 10_000} {
		rules := benchRules(b, words)
		for _, language := range []string{"en", "zh"} {
			events := benchEvents(language)
			b.Run(fmt.Sprintf("words=%d/%s", words, language), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					judge(rules, events[i%len(events)])
				}
			})
		}
	}
	b.Run("ratio", benchRatio)
}

// benchRatio judges the same messages with 10 and with 10,000 words by turns, so that whatever else
// the machine does slows both, and reports how much the longer list costs.
func benchRatio(b *testing.B) {
	few, many := benchRules(b, 10), benchRules(b, 10_000)
	for _, language := range []string{"en", "zh"} {
		events := benchEvents(language)
		b.Run(language, func(b *testing.B) {
			var spent [2]time.Duration
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for k, rules := range []*Rules{few, many} {
					start := time.Now()
					for j := range 256 {
						judge(rules, events[(i*256+j)%len(events)])
					}
					spent[k] += time.Since(start)
				}
			}
			b.ReportMetric(float64(spent[1])/float64(spent[0]), "ratio")
			b.ReportMetric(float64(spent[1])/float64(256*b.N), "ns/message")
		})
	}
}
