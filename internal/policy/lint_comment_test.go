package policy

import (
	"strings"
	"testing"
)

// inFile puts lines in the middle of a file of two rules.
func inFile(lines string) string {
	return "version: 1\nrules:\n  - id: a\n    on: message\n" + lines + "\n  - id: b\n    on: message\n    when: {link: {any: true}}\n    then: [alert: {}]\n"
}

func TestCommentsThatTakeBracketsAreBlamed(t *testing.T) {
	const then = "\n    then:\n      - remove: {}"
	for lines, want := range map[string]string{
		"    when: {text: {has_any: [#spam]}}" + then:                            `f:5:29: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [ #spam ]}}" + then:                          `f:5:30: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [a,#spam]}}" + then:                          `f:5:31: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [a, #spam, b]}}" + then:                      `f:5:32: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [win #1 prize]}}" + then:                     `f:5:33: error: not YAML: |quote "#1 prize"`,
		"    when: {#spam: {any: true}}" + then:                                  `f:5:12: error: not YAML: |quote "#spam: {any: true"`,
		"    when: {text: {has_any: #spam}}" + then:                              `f:5:28: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: ['#1', #2]}}" + then:                         `f:5:35: error: not YAML: |quote "#2"`,
		"    when: {text: {has_any: [赌博, #赌]}}" + then:                           `f:5:33: error: not YAML: |quote "#赌"`,
		"    when:\n      text: {has_any: [#spam]} # a comment" + then:           `f:6:24: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [#a]}}\n    unless: [text: {has_any: [#b]}]": `f:5:29: error: not YAML: |quote "#a"`,
		"    when:\n      text:\n        has_any: [#spam]" + then:                `f:7:19: error: not YAML: |quote "#spam"`,
		"    when: {text: {has_any: [#spam]}}\r" + then:                          `f:5:29: error: not YAML: |quote "#spam"`,
	} {
		got := problemsOf(t, inFile(lines))
		start, hint, _ := strings.Cut(want, "|")
		if !strings.HasPrefix(got, start) || !strings.Contains(got, "(# begins a comment, which takes the rest of the line: "+hint+")") {
			t.Errorf("%s\nwant %s\ngot %s", lines, want, got)
		}
	}
}

// Each of these files has another mistake, in the line title: a: b.
func TestOtherCommentsAreNotBlamed(t *testing.T) {
	for name, lines := range map[string]string{
		"behind complete brackets":          "    when: {text: {has_any: [a]}} # see [1]",
		"in double quotes":                  "    when: {text: {has_any: [\"#spam\"]}}",
		"in single quotes":                  "    when: {text: {has_any: ['a #spam', '#b']}}",
		"within a word":                     "    when: {text: {has_any: [C#, a#b]}}",
		"in brackets over several lines":    "    when: {text: {has_any: [a, # the first\n      b]}}",
		"with brackets of its own":          "    when: {text: {has_any: [a, # the first (see [1])\n      b]}}",
		"in a text that has brackets":       "    name: join [#general] now",
		"in a text of several lines":        "    name: |\n      [#general]\n    when: {link: {any: true}}",
		"a line of its own within a list":   "    when: {any: [\n      # [links]\n      {link: {any: true}}]}",
		"in an address in quotes":           "    when: {text: {has_any: [\"t.me/#x\"]}} # [x]",
		"behind an escaped quote in quotes": "    when: {text: {has_any: [\"\\\" #x]\"]}}",
	} {
		got := problemsOf(t, inFile(lines+"\n    title: a: b"))
		if !strings.Contains(got, "not YAML") || strings.Contains(got, "begins a comment") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestCommentsInWhatIsNoUTF8(t *testing.T) {
	got := problemsOf(t, inFile("    when: {text: {has_any: [\xff\xfe, #spam]}} "))
	if !strings.HasPrefix(got, "f:") || !strings.Contains(got, "not YAML") {
		t.Error(got)
	}
}
