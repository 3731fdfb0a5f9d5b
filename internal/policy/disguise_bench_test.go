package policy

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// seeThroughs are the ways to see through disguises that are compared.
var seeThroughs = map[string]string{"none": "[]", "default": "[width, case, invisible]", "everything": everything}

// disguiseRules look for 1,000 words and for nothing else.
func disguiseRules(t testing.TB, through string) *Rules {
	t.Helper()
	file := strings.Join(benchWords(1000), "\n")
	rules, problems := Load(Source{
		Name: "rules.yaml",
		Data: []byte(`{version: 1, lists: {bad: {kind: word, file: bad.txt}}, rules: [
			{id: words, on: message, mode: enforce, when: {text: {has_any: bad, see_through: ` + through + `}}, then: [remove: {}]}]}`),
		ReadFile: func(string) ([]byte, error) { return []byte(file), nil },
	}, testNow)
	if rules == nil {
		t.Fatal(problems)
	}
	return rules
}

// cutEvents are clean messages of about 80 bytes.
func cutEvents(language string) []*chat.Event {
	events := benchEvents(language)
	for _, e := range events {
		end := 80
		for !utf8.RuneStart(e.Text[end]) {
			end--
		}
		e.Text = e.Text[:end]
	}
	return events
}

func TestSeeingThroughAllocatesNothing(t *testing.T) {
	if raceEnabled {
		return // a pool drops what it is given
	}
	rules := disguiseRules(t, everything)
	for _, language := range []string{"en", "zh"} {
		events := cutEvents(language)
		for _, e := range events {
			judge(rules, e)
		}
		i := 0
		if n := testing.AllocsPerRun(1000, func() { judge(rules, events[i%len(events)]); i++ }); n != 0 {
			t.Errorf("%s: %v allocations for each message", language, n)
		}
	}
}

func BenchmarkSeeThrough(b *testing.B) {
	for _, language := range []string{"en", "zh"} {
		events := cutEvents(language)
		for _, name := range []string{"none", "default", "everything"} {
			rules := disguiseRules(b, seeThroughs[name])
			b.Run(language+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					judge(rules, events[i%len(events)])
				}
			})
		}
		b.Run(language+"/ratio", func(b *testing.B) { seeThroughRatio(b, events) })
	}
}

// seeThroughRatio judges the same messages by turns, so that whatever else the machine does slows all,
// and reports what seeing through disguises costs against seeing through nothing.
func seeThroughRatio(b *testing.B, events []*chat.Event) {
	names := []string{"none", "default", "everything"}
	var rules []*Rules
	for _, name := range names {
		rules = append(rules, disguiseRules(b, seeThroughs[name]))
	}
	var spent [3]time.Duration
	for i := 0; b.Loop(); i++ {
		for k := range rules {
			start := time.Now()
			for j := range 256 {
				judge(rules[k], events[(i*256+j)%len(events)])
			}
			spent[k] += time.Since(start)
		}
	}
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "default/none")
	b.ReportMetric(float64(spent[2])/float64(spent[0]), "everything/none")
	b.ReportMetric(float64(spent[2])/float64(256*b.N), "ns/message")
}
