package policy

import (
	"bytes"
	"fmt"
	"testing"
)

// manyRules is a file of so many rules, each in a line of its own from the third on.
func manyRules(n int) []byte {
	var b bytes.Buffer
	b.WriteString("version: 1\nrules:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {id: r%d, on: message, when: {text: {has_any: [word%d]}}, then: [remove: {}]}\n", i, i)
	}
	return b.Bytes()
}

func TestRulesAreBounded(t *testing.T) {
	if !testing.Short() { // the race detector makes it slow
		loadBytes(t, manyRules(maxRules))
	}
	_, problems := Load(Source{Name: "rules.yaml", Data: manyRules(maxRules + 1)}, testNow)
	if len(problems) != 1 || problems[0].Line != maxRules+3 || problems[0].Text != "more than 20000 rules" || problems[0].Hint == "" {
		t.Errorf("%.500v", problems)
	}
}
