package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// ownWords is a file of so many rules, each with words of its own and much else that rules have.
func ownWords(rules int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nlists:\n  trusted: {kind: domain, values: [example.com, example.org]}\nrules:\n")
	words := benchWords(2 * rules)
	for i := range rules {
		fmt.Fprintf(&b, "  - id: rule-%d\n    title: Offers of the kind %d\n    on: message\n    mode: enforce\n    when: {text: {has_any: [%s, %s]}", i, i, words[2*i], words[2*i+1])
		switch i % 3 {
		case 0:
			b.WriteString(", member: {joined_within: 10m}")
		case 1:
			b.WriteString(", link: {domain_not_in: trusted}")
		}
		b.WriteString("}\n    then: [remove: {reason: \"No offers ({code})\"}]\n")
	}
	return []byte(b.String())
}

// ownRegexes is a file of so many rules with an expression each. Two of nine need no literal.
func ownRegexes(rules int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	words := benchWords(2 * rules)
	for i := range rules {
		first, second := words[2*i], words[2*i+1] // Latin and Han, by turns
		expression := [...]string{
			`(?:` + first + `|` + second + `)\s*(?:now|today|加)`,
			first + `.{0,20}\d{5,}`,
			`t\.me/` + strings.ReplaceAll(first, " ", "_"),
			first + `(?:s|ing)?\b.*` + second,
			second + `[\s\p{P}]*` + second,
			`\$\s*\d+ ` + first,
			`加(?:微信|薇|v)\s*` + second,
			fmt.Sprintf(`\b\d{3}[- ]\d{%d}\b`, 3+i%9),
			fmt.Sprintf(`[a-f]{%d}[0-9]{3,}@`, 2+i%7),
		}[i%9]
		fmt.Fprintf(&b, "  - {id: r%d, on: message, mode: enforce, when: {text: {regex: '%s'}}, then: [remove: {}]}\n", i, expression)
	}
	return []byte(b.String())
}

func loadBytes(t testing.TB, data []byte) *Rules {
	t.Helper()
	rules, problems := Load(Source{Name: "rules.yaml", Data: data}, testNow)
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

// Under the race detector a pool drops what it is given, so that nothing can be said there.
func TestCleanMessagesAllocateNothing(t *testing.T) {
	for name, rules := range map[string]*Rules{
		"a list of 1,000 words": benchRules(t, 1000), "1,000 rules": loadBytes(t, ownWords(1000)), "100 regexes": loadBytes(t, ownRegexes(100)),
	} {
		for _, language := range []string{"en", "zh"} {
			events := benchEvents(language)
			for _, e := range events {
				if !judge(rules, e) {
					t.Fatalf("%s, %s: a message is not clean", name, language)
				}
			}
			i := 0
			n := testing.AllocsPerRun(1000, func() { judge(rules, events[i%len(events)]); i++ })
			if n != 0 && !raceEnabled {
				t.Errorf("%s, %s: %v allocations for each message", name, language, n)
			}
		}
	}
}

// benchAll judges clean messages of both languages, and reports the time of the worst one: the best of
// three runs, as whatever else the machine does must not count.
func benchAll(b *testing.B, name string, rules *Rules) {
	for _, language := range []string{"en", "zh"} {
		events := benchEvents(language)
		b.Run(name+"/"+language, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				judge(rules, events[i%len(events)])
			}
			worst := time.Duration(0)
			for _, e := range events {
				best := time.Hour
				for range 3 {
					start := time.Now()
					judge(rules, e)
					best = min(best, time.Since(start))
				}
				worst = max(worst, best)
			}
			b.ReportMetric(float64(worst), "ns/worst")
		})
	}
}

// benchRatio judges the same messages with few and with many rules by turns, so that whatever else
// the machine does slows both, and reports how much more the many cost.
func benchRatio(b *testing.B, few, many *Rules) {
	for _, language := range []string{"en", "zh"} {
		events := benchEvents(language)
		b.Run("ratio/"+language, func(b *testing.B) {
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
		})
	}
}

func BenchmarkWords(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		benchAll(b, fmt.Sprintf("words=%d", n), benchRules(b, n))
	}
	benchRatio(b, benchRules(b, 10), benchRules(b, 10_000))
}

func BenchmarkRules(b *testing.B) {
	few, many := loadBytes(b, ownWords(10)), loadBytes(b, ownWords(10_000))
	benchAll(b, "rules=10", few)
	benchAll(b, "rules=10000", many)
	benchRatio(b, few, many)
}

func BenchmarkRegexes(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		benchAll(b, fmt.Sprintf("regexes=%d", n), loadBytes(b, ownRegexes(n)))
	}
	benchRatio(b, loadBytes(b, ownRegexes(10)), loadBytes(b, ownRegexes(1000)))
}

// BenchmarkLoad also reports how many times as long as decoding YAML alone a load takes, by turns.
func BenchmarkLoad(b *testing.B) {
	for name, data := range map[string][]byte{"words": ownWords(10_000), "regexes": ownRegexes(10_000)} {
		b.Run(name+"=10000", func(b *testing.B) {
			var loading, decoding time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				loadBytes(b, data)
				loading += time.Since(start)
				start = time.Now()
				var node yaml.Node
				if err := yaml.Unmarshal(data, &node); err != nil {
					b.Fatal(err)
				}
				decoding += time.Since(start)
			}
			b.ReportMetric(float64(loading)/float64(decoding), "ratio")
			b.ReportMetric(float64(loading.Milliseconds())/float64(b.N), "ms/load")
		})
	}
}
