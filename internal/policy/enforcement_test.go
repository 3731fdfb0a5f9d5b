package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

func TestARuleHasTheBrakeOfDefaultsUnlessItHasItsOwn(t *testing.T) {
	five := Brake{Removals: 20, Within: 5 * time.Minute, Everywhere: 200}
	for name, test := range map[string]struct {
		defaults, rule string
		want           Brake
	}{
		"none at all":                       {"", "", Brake{}},
		"off in defaults":                   {"brake: off", "", Brake{}},
		"that of defaults":                  {"brake: {removals: 20, within: 5m}", "", five},
		"its own":                           {"brake: off", "brake: {removals: 20, within: 5m}, ", five},
		"off in the rule":                   {"brake: {removals: 20, within: 5m}", "brake: off, ", Brake{}},
		"nothing of the other one's":        {"brake: {removals: 9, within: 1m, share_of_group: 5%, everywhere: 9}", "brake: {removals: 20, within: 5m}, ", five},
		"with all keys":                     {"", "brake: {removals: 1, within: 24h, share_of_group: 12.5%, everywhere: 3}, ", Brake{1, 24 * time.Hour, 0.125, 3}},
		"everywhere within what is counted": {"", "brake: {removals: 5000, within: 1d}, ", Brake{5000, 24 * time.Hour, 0, 10000}},
	} {
		r := load(t, "version: 1\ndefaults: {mode: enforce, "+test.defaults+"}\nrules:\n"+
			"  - {id: a, on: message, "+test.rule+"when: {link: {any: true}}, then: [remove: {}]}\n")
		if got, ok := r.Enforcement("a"); !ok || got.Brake != test.want || got.Brake.On() != (test.want.Within > 0) {
			t.Errorf("%s: %+v, want %+v", name, got.Brake, test.want)
		}
	}
}

func TestOnlyRulesInForceAreEnforced(t *testing.T) {
	file := "version: 1\nrules:\n"
	for _, mode := range []string{ModeEnforce, ModeShadow, ModeOff} {
		file += fmt.Sprintf("  - {id: is-%s, mode: %s, on: message, when: {link: {any: true}}, then: [remove: {}]}\n", mode, mode)
	}
	r := load(t, file)
	for id, want := range map[chat.RuleID]bool{"is-enforce": true, "is-shadow": false, "is-off": false, "gone": false, "": false} {
		if got, ok := r.Enforcement(id); ok != want || (got.Digest != "") != want {
			t.Errorf("%s: %+v, %t", id, got, ok)
		}
	}
}

// digested are the parts of a file, each written in different ways. The first of them mean something
// for the rule r, and the others nothing.
var digested = map[bool]map[string][]string{
	true: {
		"unknown":     {"hold", "act"},
		"bad":         {"[ab, cd]", "[ab]", "[ab, ce]"},
		"staff":       {"[u1]", "[u1, u2]"},
		"night":       {`{from: "22:00"}`, `{from: "23:00"}`, `{from: "22:00", timezone: Asia/Shanghai}`},
		"on":          {"message", "[message, join]"},
		"providers":   {"tencent", "[tencent, cams]"},
		"groups":      {"'a*'", "'b*'"},
		"group_types": {"Public", "[Public, Community]"},
		"when": {"{text: {has_any: bad}, during: night}", "{text: {has_any: bad, see_through: [spacing]}, during: night}",
			"{any: [{text: {has_any: bad}, during: night}]}"},
		"unless": {"[{name: staff, member: {in: staff}}]", "[{name: staff, member: {in: staff}, until: 2027-01-01}]",
			"[{name: staff, member: {in: staff}}, {name: new, member: {in: [u9]}}]"},
		"then": {"[remove: {}]", "[remove: {silent: true}]", "[remove: {reason: bye}]", "[mute: {for: 1m}]", "[remove: {}, alert: {}]"},
		"stop": {"false", "true"},
	},
	false: {
		"title": {"one", "two"},
		"mode":  {"enforce", "shadow"},
		"brake": {"off", "{removals: 20, within: 5m}", "{removals: 9, within: 1h, everywhere: 99}"},
		"tests": {"[{say: nothing, expect: pass}]", "[{say: other, expect: pass}, {say: x, joined: 5m, expect: pass}]"},
		"ack":   {"matches-everything"},
		"words": {"[ef]", "[ef, gh]"},
		"other": {"[remove: {}]", "[mute: {for: 1h}]"},
		"noise": {"", "# a comment", "# another one: {"},
	},
}

// digestedFile writes a file of these parts, with the keys of the rule r in the order of the numbers.
func digestedFile(part map[string]string, order []int, first bool) string {
	file := fmt.Sprintf("version: 1\ndefaults: {on_unknown_role: %s} %s\nlists:\n  bad: {kind: word, values: %s}\n  staff: {kind: member, values: %s}\n"+
		"  words: {kind: word, values: %s}\ncalendars: {night: %s}\n%s\nrules:\n",
		part["unknown"], part["noise"], part["bad"], part["staff"], part["words"], part["night"], part["noise"])
	keys := []string{"on", "providers", "groups", "group_types", "when", "unless", "then", "stop", "title", "mode", "brake", "tests", "ack"}
	rule := "  - id: r\n"
	for _, i := range order {
		rule += "    " + keys[i] + ": " + part[keys[i]] + "\n" + part["noise"] + "\n"
	}
	other := "  - {id: other, on: message, when: {text: {has_any: words}}, then: " + part["other"] + "}\n"
	if first {
		return file + rule + other
	}
	return file + other + rule
}

func TestTheDigestStandsForAllThatARuleAsksAndDoes(t *testing.T) {
	names := map[bool][]string{true: slices.Sorted(maps.Keys(digested[true])), false: slices.Sorted(maps.Keys(digested[false]))}
	order := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	rapid.Check(t, func(t *rapid.T) {
		part := map[string]string{}
		for _, means := range []bool{true, false} {
			for _, name := range names[means] {
				part[name] = rapid.SampledFrom(digested[means][name]).Draw(t, name)
			}
		}
		digest := func(part map[string]string) string {
			file := digestedFile(part, rapid.Permutation(order).Draw(t, "order"), rapid.Bool().Draw(t, "first"))
			r, problems := Load(Source{Name: "f", Data: []byte(file), Rehearse: true}, testNow)
			if r == nil {
				t.Fatalf("%v\n%s", problems, file)
			}
			e, ok := r.Enforcement("r")
			if !ok || e.Digest == "" {
				t.Fatalf("%+v of\n%s", e, file)
			}
			return e.Digest
		}
		before := digest(part)
		for _, means := range []bool{false, true} {
			name := rapid.SampledFrom(names[means]).Draw(t, "changed")
			part[name] = rapid.SampledFrom(digested[means][name]).Filter(func(s string) bool { return s != part[name] || len(digested[means][name]) == 1 }).Draw(t, "to")
			if after := digest(part); (after != before) != means {
				t.Fatalf("%s is now %s: the digest was %s and is %s", name, part[name], before, after)
			}
		}
	})
}

func TestTheDigestKnowsTheEntriesOfAListFile(t *testing.T) {
	const file = "version: 1\nlists: {bad: {kind: word, file: bad.txt}}\nrules: [{id: r, mode: enforce, on: message, when: {text: {has_any: bad}}, then: [remove: {}]}]\n"
	digest := func(words string) string {
		r, problems := Load(Source{Name: "f", Data: []byte(file), ReadFile: func(string) ([]byte, error) { return []byte(words), nil }}, testNow)
		if r == nil {
			t.Fatal(problems)
		}
		e, _ := r.Enforcement("r")
		return e.Digest
	}
	if digest("ab\ncd\n") != digest("# words\nab\n\ncd") || digest("ab\n") == digest("ab\ncd\n") {
		t.Error("the digest stands for something else than the entries")
	}
}

func TestAnUnknownRoleIsWaitedForUnlessTheFileSaysOtherwise(t *testing.T) {
	for word, want := range map[string]bool{"": false, "on_unknown_role: hold, ": false, "on_unknown_role: act, ": true} {
		r := load(t, "version: 1\ndefaults: {"+word+"mode: enforce}\nrules:\n  - {id: a, on: message, when: {link: {any: true}}, then: [remove: {}, mute: {for: 1m}, alert: {}, warn: {text: x}]}\n"+
			"  - {id: b, on: message, when: {link: {any: true}, count: {messages: 2, within: 1m, per: group}}, then: [remove: {who: burst}]}\n")
		d := r.Evaluate(message("http://example.net"), chat.Facts{Counts: []int{2, 0}})
		if d.Case == nil || len(d.Case.Intents) != 4 || len(d.Parts) == 0 {
			t.Fatalf("%+v", d)
		}
		for _, in := range append(slices.Clone(d.Case.Intents), d.Parts[0].Intents...) {
			if in.Unsure != (want && (in.Kind == chat.Remove || in.Kind == chat.Mute)) {
				t.Errorf("%q: %+v", word, in)
			}
		}
	}
}

func TestThatNothingBrakesIsNotedOnce(t *testing.T) {
	const rule = "  - {id: %s, on: message, %swhen: {link: {any: true}}, then: [%s: {}]}\n"
	const note = "note: without a brake, nothing stops a rule that matches too much"
	for name, test := range map[string]struct{ file, want string }{
		"no defaults": {"version: 1\nrules:\n" + fmt.Sprintf(rule, "a", "", "remove") + fmt.Sprintf(rule, "b", "", "remove"),
			"f:2:1: " + note + " (write defaults: {brake: {removals: 20, within: 5m}})\n"},
		"defaults without a brake": {"version: 1\nrules:\n" + fmt.Sprintf(rule, "a", "", "remove") + "defaults: {mode: enforce}\n",
			"f:4:1: " + note + " (write brake: {removals: 20, within: 5m} under defaults)\n"},
		"off is a choice":         {"version: 1\ndefaults: {brake: off}\nrules:\n" + fmt.Sprintf(rule, "a", "", "remove"), ""},
		"a brake":                 {"version: 1\ndefaults: {brake: {removals: 1, within: 1m}}\nrules:\n" + fmt.Sprintf(rule, "a", "", "remove"), ""},
		"a brake of its own":      {"version: 1\nrules:\n" + fmt.Sprintf(rule, "a", "brake: {removals: 1, within: 1m}, ", "remove"), ""},
		"nobody is removed":       {"version: 1\nrules:\n" + fmt.Sprintf(rule, "a", "", "alert"), ""},
		"nobody removes any more": {"version: 1\nrules:\n" + fmt.Sprintf(rule, "a", "mode: off, ", "remove"), ""},
	} {
		got := problemsOf(t, test.file)
		if strings.Count(got, note) != min(len(test.want), 1) || !strings.Contains(got, test.want) {
			t.Errorf("%s: want %q in\n%s", name, test.want, got)
		}
	}
}
