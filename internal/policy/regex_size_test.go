package policy

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// heavy takes some 8 MB once it is compiled: it is anchored, so that its classes are copied.
const heavy = `^(?:\pL\PL){480}$`

func times(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+", ", n), ", ") }

// Each file has more regexes than may be compiled, and is refused at the first that is too many.
func TestRegexesAreBoundedTogether(t *testing.T) {
	rule := func(conditions string) string {
		return "rules: [{id: r, on: message, when: {" + conditions + "}, then: [alert: {severity: info}]}]\n"
	}
	for name, tt := range map[string]struct{ text, file, at string }{
		"in a rule":              {rule("text: {regex: [\n" + strings.Repeat("'"+heavy+"',\n", 100) + "]}"), "", "rules.yaml"},
		"in a list":              {"lists: {bad: {kind: regex, values: [\n" + strings.Repeat("'"+heavy+"',\n", 100) + "]}}\n" + rule("text: {has_any: bad}"), "", "rules.yaml"},
		"in a file":              {"lists: {bad: {kind: regex, file: bad.txt}}\n" + rule("text: {has_any: bad}"), strings.Repeat(heavy+"\n", 100), "bad.txt"},
		"in a file in many ways": {"lists: {bad: {kind: regex, file: bad.txt}}\n" + rule("any: ["+times(100, "{text: {has_any: bad}}")+"]"), heavy, "bad.txt"},
		"in a list that no rule uses": {
			"lists: {bad: {kind: regex, values: [" + times(100, "'"+heavy+"'") + "]}}\n" + rule("text: {has_any: [x]}"), "", "rules.yaml"},
		"of names":             {rule("member: {name_matches: [" + times(100, "'"+heavy+"'") + "]}"), "", "rules.yaml"},
		"in CEL":               {rule("any: [" + times(100, `{cel: 'event.text.matches("^([a-z0-9_]{9}[A-Z]){90}$") || event.text.matches("(.{1000}){1}(.{1000}){1}`+strings.Repeat("x{1000}", 40)+`")'}`) + "]"), "", "rules.yaml"},
		"very many small ones": {rule("text: {regex: [" + times(50_000, "a") + "]}"), "", "rules.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			rules, problems := Load(Source{
				Name: "rules.yaml", Data: []byte("version: 1\n" + tt.text), ReadFile: func(string) ([]byte, error) { return []byte(tt.file), nil },
			}, testNow)
			var errs []Problem
			for _, p := range problems {
				if p.Severity == SeverityError {
					errs = append(errs, p)
				}
			}
			if rules != nil || len(errs) != 1 || errs[0].File != tt.at || errs[0].Line < 1 || errs[0].Hint == "" ||
				!strings.Contains(errs[0].Text, "more than 80 MiB together") {
				t.Errorf("%v: %.300v", rules != nil, errs)
			}
		})
	}
}

func TestOneHeavyRegexIsTaken(t *testing.T) {
	loadBytes(t, []byte("version: 1\nrules: [{id: r, on: message, when: {text: {regex: '"+heavy+"'}}, then: [alert: {severity: info}]}]\n"))
}

// Ten thousand rules with a regex each are far from the bound.
func TestOrdinaryRegexesFit(t *testing.T) {
	sum := 0
	for _, m := range regexp.MustCompile(`regex: '(.*?)'\}`).FindAllStringSubmatch(string(ownRegexes(1000)), -1) {
		tree, err := syntax.Parse(m[1], syntax.Perl|syntax.FoldCase)
		if err != nil {
			t.Fatal(err)
		}
		sum += compiledSize(tree)
	}
	if sum < 1000*regexBase || 10*sum > maxRegexSize*3/4 {
		t.Errorf("10,000 take %d MiB of %d", 10*sum>>20, maxRegexSize>>20)
	}
}

// expressions draws expressions that repeat, choose and hold one another.
func expressions() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.SampledFrom([]string{"a", "abc", "(?i:k)", ".", `\pL`, "[a-f0-9]", "^", "$", `\b`, "", "(?s:.)"}).Draw(t, "first")
		for range rapid.IntRange(0, 8).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				s += rapid.SampledFrom([]string{"b", `\PL`, "x?", "y{2,5}", "$", "[^q]"}).Draw(t, "more")
			case 1:
				s = "(" + s + ")" + rapid.SampledFrom([]string{"*", "+", "?", "{3}", "{2,}", "{0,4}", "{0}", "*?"}).Draw(t, "times")
			case 2:
				s = "(?:" + s + "|" + rapid.SampledFrom([]string{"", "c", `\d\d`, "abd"}).Draw(t, "other") + ")"
			case 3:
				s = "(?:" + s + ")" + fmt.Sprintf("{%d}", rapid.IntRange(1, 9).Draw(t, "count"))
			default:
				s = "^" + s
			}
		}
		return s
	})
}

// The estimate is never below what the program takes.
func TestCompiledSizeIsNoUnderstatement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expression := expressions().Draw(t, "expression")
		tree, err := syntax.Parse(expression, syntax.Perl)
		if err != nil {
			return // it repeats too often
		}
		var s regexSize
		s.add(tree, 1, 0)
		program, err := syntax.Compile(tree.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		if have := len(program.Inst); s.insts+2 < have { // and the end, and the failure
			t.Fatalf("%q has %d instructions, estimated as %d", expression, have, s.insts)
		}
	})
}
