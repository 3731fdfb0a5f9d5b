package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// ownColours are the control sequences that this program writes.
var ownColours = regexp.MustCompile(`^\x1b\[(?:[0-2]|3[1-6])m`)

// shown tells whether a terminal shows a character as it is. Zero-width joiners hold emoji together;
// other invisible characters, such as those that turn the direction of writing, hide what is there.
func shown(r rune) bool { return unicode.IsGraphic(r) || r == '\u200d' }

// harmless spells out what a terminal would obey, or not show: names, IDs and texts are what strangers
// chose. It is spelled as JSON does, so that JSON stays the same. Line feeds and tabs pass, and our own
// colours where there are any.
func harmless(text []byte, colour bool) []byte {
	safe := true
	for _, b := range text {
		safe = safe && (b >= ' ' && b < 0x7f || b == '\n' || b == '\t')
	}
	if safe {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == '\x1b' && colour && ownColours.Match(text[i:]):
			n = len(ownColours.Find(text[i:]))
			out = append(out, text[i:i+n]...)
		case r == utf8.RuneError && n == 1:
			out = utf8.AppendRune(out, utf8.RuneError)
		case r == '\n' || r == '\t' || shown(r):
			out = append(out, text[i:i+n]...)
		default:
			out = append(out, spelled(r)...)
		}
		i += n
	}
	return out
}

// spelled is a character as JSON escapes it.
func spelled(r rune) string {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// plain is harmless for a text that stands within a line: line feeds and tabs are spelled out too.
func plain(s string) string {
	s = string(harmless([]byte(s), false))
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(s)
}

// quoted writes a text as one word of a shell. Who names a group or a member must not be able to add to a
// command that an operator is told to run.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(plain(s), "'", `'\''`) + "'"
}
