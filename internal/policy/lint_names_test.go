package policy

import (
	"strings"
	"testing"
)

func TestNamesThatAreFarOffAreNotProposed(t *testing.T) {
	for rule, want := range map[string]string{
		"when: {text: {has_any: foo}}, then: [alert: {}]":                     "(a literal is written in brackets: [foo])",
		"when: {text: {has_any: dom}}, then: [alert: {}]":                     "has_any takes a list of the kind word or regex, and \"dom\" is of the kind domain",
		"when: {text: {has_any: wrd}}, then: [alert: {}]":                     `(did you mean "word"?)`,
		"when: {text: {has_any: domains}}, then: [alert: {}]":                 "(a literal is written in brackets: [domains])",
		"when: {link: {domain_in: dmo}}, then: [alert: {}]":                   "(a literal is written in brackets: [dmo])",
		"when: {link: {domain_in: do}}, then: [alert: {}]":                    `(did you mean "dom"?)`,
		"when: {text: {has_any: [x]}}, then: [remove: {reason: 'a {nope}'}]":  "(one of {code}, {rule}, {title}, {count}, {within}, {match})",
		"when: {text: {has_any: [x]}}, then: [remove: {reason: 'a {cod}'}]":   `(did you mean "code"?)`,
		"when: {text: {has_any: [x]}}, then: [remove: {reason: 'a {macth}'}]": `(did you mean "match"?)`,
	} {
		got := problemsOf(t, "version: 1\nlists:\n  dom: {kind: domain, values: [example.com]}\n  word: {kind: word, values: [a]}\nrules:\n  - {id: a, on: message, "+rule+"}\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: want\n%s\ngot\n%s", rule, want, got)
		}
	}
}

func TestDomainsBelowWhichStrangersLive(t *testing.T) {
	const suffix, nowhere = "is a public suffix: everything below it is meant", "is no domain of the internet: no link leads there"
	for entry, want := range map[string]string{
		"com": suffix, "co.uk": suffix, "'*.ru'": suffix, ".xyz": suffix, "РФ": suffix, "COM.": suffix, "example": suffix,
		"localhost": nowhere, "intranet": nowhere,
		"github.io": "", "blogspot.com": "", "example.com": "", "t.me": "", "a.b.internal": "", "192.0.2.7": "", "例え.jp": "",
	} {
		for where, data := range map[string]string{
			"f:2:36: ":    "version: 1\nlists: {d: {kind: domain, values: [" + entry + "]}}\nrules: [{id: a, on: message, when: {link: {domain_in: d}}, then: [alert: {}]}]\n",
			"f:2:56: ":    "version: 1\nrules: [{id: a, on: message, when: {link: {domain_in: [" + entry + "]}}, then: [alert: {}]}]\n",
			"d.txt:2:1: ": "version: 1\nlists: {d: {kind: domain, file: d.txt}}\nrules: [{id: a, on: message, when: {link: {domain_in: d}}, then: [alert: {}]}]\n",
		} {
			var warnings string
			rules, problems := Load(Source{Name: "f", Data: []byte(data), ReadFile: func(string) ([]byte, error) {
				return []byte("example.org\n" + strings.Trim(entry, "'") + "\n"), nil
			}}, testNow)
			for _, p := range problems {
				if p.Severity == SeverityWarning {
					warnings += p.String() + "\n"
				}
			}
			if rules == nil || (want == "") != (warnings == "") || want != "" && (!strings.HasPrefix(warnings, where) || !strings.Contains(warnings, want)) {
				t.Errorf("%s at %s: %v", entry, where, problems)
			}
		}
	}
}
