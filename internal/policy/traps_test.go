package policy

import (
	"strings"
	"testing"
)

// What people write who mean a text, and what the file says to it instead.
func TestSyntaxErrorsAreExplained(t *testing.T) {
	for entry, want := range map[string]string{
		"!word":    `7:9: error: an entry has the tag !word: ! begins a tag, and tags are not read (quote it if it is a text: "!word")`,
		"#word":    `7:8: error: an entry has no value: # begins a comment (quote it if it is a text: "#word")`,
		"@word":    `(a text cannot begin with @: quote it: "@word")`,
		"`word":    "(a text cannot begin with `: quote it: \"`word\")",
		"%5":       `(a text cannot begin with %: quote it: "%5")`,
		"*.com":    `(* begins an alias: quote it if it is a text: "*.com")`,
		"*com":     `7:9: error: not YAML: unknown anchor 'com' referenced (* begins an alias: quote it if it is a text: "*com")`,
		"&x":       `7:9: error: anchors (&x) are not read (quote it if it is a text: "&x")`,
		"> 5":      `(> begins a text of several lines: quote it: "> 5")`,
		"| x":      `(| begins a text of several lines: quote it: "| x")`,
		"- x":      `7:9: error: an entry must be a text, and two dashes make a list within the list`,
		"? x":      `7:9: error: `,
		"'it's'":   `7:13: error: not YAML: value is not allowed in this context`,
		`"a\d"`:    `7:12: error: not YAML: found unknown escape character 'd' (write \\ for \, or use single quotes)`,
		"a: b: c":  `7:12: error: not YAML: mapping value is not allowed in this context (quote a text with a colon: "b: c")`,
		"[a] b":    "7:13: error: ",
		"~":        `7:9: error: YAML reads ~ as no value (quote it if it is a text: "~")`,
		"+86170":   `7:9: error: YAML reads +86170 as the number 86170 (quote it: "+86170")`,
		"0o17":     `7:9: error: YAML reads 0o17 as the number 15`,
		"ON":       `7:9: error: many readers of YAML take ON for true or false (quote it: "ON")`,
		"x\n\t- y": `8:1: error: not YAML: found character '\t' that cannot start any token (indent with spaces, not with tabs)`,
	} {
		got := problemsOf(t, "version: 1\nrules: [{id: a, on: message, when: {text: {has_any: a}}, then: [alert: {}]}]\nlists:\n  a:\n    kind: word\n    values:\n      - "+entry+"\n")
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "f:") {
			t.Errorf("%q: want\n%s\ngot\n%s", entry, want, got)
		}
	}
}

func TestSyntaxErrorsInBracketsAreExplained(t *testing.T) {
	for values, want := range map[string]string{
		"[a, # b]":       `(# begins a comment, which takes the rest of the line: quote "# b")`,
		"[win #1 prize]": `(# begins a comment, which takes the rest of the line: quote "#1 prize")`,
		"[!word]":        `(! begins a tag: quote it if it is a text: "!word")`,
		"[@word, x]":     `4:28: error: not YAML: '@' is a reserved character (a text cannot begin with @: quote it: "@word")`,
		"[*.com]":        `4:28: error: `,
		"[- x]":          `4:28: error: not YAML: did not find expected node content (a text cannot begin with - and a space: quote it: "- x")`,
		"[{code}]":       `4:28: error: an entry must be a text, and braces make a map (quote it if it is a text: "{code}")`,
		"[a: b]":         `4:28: error: an entry must be a text, and a colon with a space behind it makes a map (quote it if it is a text: "a: b")`,
		"[1_000]":        `4:28: error: YAML reads 1_000 as the number 1000 (quote it: "1_000")`,
		"['it's']":       `write '' for a quote within)`,
	} {
		got := problemsOf(t, "version: 1\nrules: [{id: a, on: message, when: {text: {has_any: a}}, then: [alert: {}]}]\nlists:\n  a: {kind: word, values: "+values+"}\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: want\n%s\ngot\n%s", values, want, got)
		}
	}
}

func TestColonsWithoutSpacesAreExplained(t *testing.T) {
	for file, want := range map[string]string{
		"version:1\nrules: []\n":                                                "f:1:1: error: not YAML: unexpected key name (write a space behind the colon: version: 1)",
		"version: 1\nrules:\n  - id:a\n    on: message\n":                       "f:3:5: error: not YAML: unexpected key name (write a space behind the colon: id: a)",
		"version: 1\nrules:\n  - {id:a, on: message, then: [alert: {}]}\n":      `f:3:6: error: a rule has no key "id:a" (write a space behind the colon: id: a)`,
		"version: 1\nrules:\n  - {id: a, on: message, then: [alert:{}]}\n":      "f:3:38: error: not YAML: did not find expected ',' or ']' (write a space behind the colon)",
		"version: 1\nrules:\n  - id: a\n    title: Not here: no links\n":        `f:4:12: error: not YAML: mapping value is not allowed in this context (quote a text with a colon: "Not here: no links")`,
		"version: 1\nrules:\n  - id: a\n    title: \"no end\n    on: message\n": "f:4:12: error: not YAML: could not find end character of double-quoted text",
	} {
		if got := problemsOf(t, file); !strings.Contains(got, want) {
			t.Errorf("%q: want\n%s\ngot\n%s", file, want, got)
		}
	}
}

// What is fine in YAML and in a rules file stays fine.
func TestTextsThatLookOddAreTaken(t *testing.T) {
	for _, entry := range []string{"a:b", "-x", "t.me/+x", "C#", "a#b", "50%", "a, b", "'yes'", "\"#1\"", "123", "1.5", "true", "2027-01-31", "spam # comment", "1:30", "Norway", "x&y", "a*b c"} {
		got := problemsOf(t, "version: 1\nrules: [{id: a, on: message, when: {text: {has_any: a}}, then: [alert: {}]}]\nlists:\n  a:\n    kind: word\n    values:\n      - "+entry+"\n")
		if strings.Contains(got, "error") || strings.Contains(got, "warning") {
			t.Errorf("%s\n%s", entry, got)
		}
	}
}
