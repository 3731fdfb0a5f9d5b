package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Wherever a reading is stopped, it asks no more than a few times afterwards, and says only that.
func TestAReadingCanBeStopped(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nlists: {bad: {kind: regex, file: bad.txt}, words: {kind: word, values: [x, y]}}\nrules:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  - {id: r%d, on: message, when: {text: {has_any: bad}, any: [{text: {has_any: words}}]}, then: [{remove: {}}], tests: [{say: x, expect: pass}]}\n", i)
	}
	load := func(after int) (*Rules, []Problem, int) {
		asked := 0
		rules, problems := Load(Source{
			Name: "rules.yaml", Data: []byte(b.String()),
			ReadFile: func(string) ([]byte, error) { return []byte(strings.Repeat("a+b\n", 40)), nil },
			Stop: func() error {
				if asked++; asked > after {
					return errors.New("nobody waits")
				}
				return nil
			},
		}, testNow)
		return rules, problems, asked
	}
	rules, problems, whole := load(1 << 30)
	if rules == nil || whole < 50*40 {
		t.Fatalf("asked %d times: %.300v", whole, problems)
	}
	for _, after := range []int{0, 1, 30, 60, whole / 2, whole - 1} {
		rules, problems, asked := load(after)
		if rules != nil || len(problems) != 1 || problems[0].String() != "rules.yaml:1:1: error: the rules were not read to the end: nobody waits" {
			t.Errorf("after %d: %d problems, rules %t", after, len(problems), rules != nil)
		}
		if asked != after+1 {
			t.Errorf("after %d: asked %d times", after, asked)
		}
	}
}
