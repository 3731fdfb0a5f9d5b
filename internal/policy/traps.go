package policy

import (
	"fmt"
	"strings"
)

// trap finds in a line what stops YAML from reading it, and what to write instead. Columns count from
// 1, in runes. Which line is broken the parsers know; what the person meant they do not.
func trap(line string) (column int, hint string, ok bool) {
	runes := []rune(line)
	for i, r := range runes {
		if r == '\t' {
			return i + 1, "indent with spaces, not with tabs", true
		}
		if r != ' ' {
			break
		}
	}
	s := scanner{line: runes}
	for s.at < len(runes) {
		if hint, ok := s.look(); ok {
			return s.at + 1, hint, true
		}
		if s.comment() {
			break
		}
		s.step()
	}
	return 0, "", false
}

// scanner walks over one line of YAML, as far as brackets and quotes go.
type scanner struct {
	line   []rune
	at     int
	depth  int  // of brackets
	begins bool // a value may begin here
	colon  bool // it is the value of a key
	closed bool // a value in quotes or brackets has just ended
}

// next returns a character further on, a space behind the end.
func (s *scanner) next(n int) rune {
	if s.at+n < len(s.line) {
		return s.line[s.at+n]
	}
	return ' '
}

// comment tells whether a comment begins here: behind a space, or where a value in brackets begins.
func (s *scanner) comment() bool {
	return s.line[s.at] == '#' && (s.at == 0 || s.line[s.at-1] == ' ' || s.line[s.at-1] == '\t' || s.begins && s.depth > 0)
}

// step goes over one character, or a text in quotes.
func (s *scanner) step() {
	r := s.line[s.at]
	switch {
	case r == ' ':
		s.at++
		return
	case (r == '\'' || r == '"') && s.begins:
		for s.at++; s.at < len(s.line) && s.line[s.at] != r; s.at++ {
			if r == '"' && s.line[s.at] == '\\' {
				s.at++
			}
		}
	case (r == '[' || r == '{') && (s.depth > 0 || s.begins || s.lead()): // else it is a part of a text
		s.depth++
	case r == ']' || r == '}':
		s.depth = max(s.depth-1, 0)
	}
	s.closed = r == ']' || r == '}' || (r == '\'' || r == '"') && s.begins
	s.colon = r == ':' && s.next(1) == ' '
	s.begins = s.colon || r == '[' || r == '{' || r == ',' && s.depth > 0 || r == '-' && s.next(1) == ' ' && s.lead()
	s.at++
}

// lead tells whether only spaces and dashes stand before.
func (s *scanner) lead() bool { return strings.Trim(string(s.line[:s.at]), " -") == "" }

// look says what is wrong at this place.
func (s *scanner) look() (hint string, ok bool) {
	r := s.line[s.at]
	switch {
	case r == ' ' || s.comment():
		return "", false
	case s.closed && !strings.ContainsRune(",]}:", r):
		return "a text ends with its quotes or brackets: quote it as a whole, and write '' for a quote within", true
	case s.begins:
		return s.value()
	case r == ':' && s.depth > 0 && (s.next(1) == '{' || s.next(1) == '['):
		return "write a space behind the colon", true
	}
	return "", false
}

// value says what is wrong with the value that begins here.
func (s *scanner) value() (hint string, ok bool) {
	word := s.word(s.at)
	switch r := s.line[s.at]; {
	case r == '@' || r == '`' || r == '%':
		return fmt.Sprintf("a text cannot begin with %c: quote it: %q", r, word), true
	case r == '*':
		return fmt.Sprintf("* begins an alias: quote it if it is a text: %q", word), true
	case r == '!':
		return fmt.Sprintf("! begins a tag: quote it if it is a text: %q", word), true
	case (r == '>' || r == '|') && strings.Trim(word, ">|+-0123456789") != "" || (r == '>' || r == '|') && s.depth > 0:
		return fmt.Sprintf("%c begins a text of several lines: quote it: %q", r, word), true
	case (r == '?' || r == '-' && s.depth > 0) && s.next(1) == ' ':
		return fmt.Sprintf("a text cannot begin with %c and a space: quote it: %q", r, word), true
	case s.colon && !strings.ContainsRune(`"'[{|>#&`, r) && strings.Contains(word, ": "):
		return fmt.Sprintf("quote a text with a colon: %q", word), true
	}
	return "", false
}

// word returns what stands from a place on, to where the value ends.
func (s *scanner) word(from int) string {
	rest := string(s.line[from:])
	end := len(rest)
	if s.depth > 0 {
		if i := strings.IndexAny(rest, ",]}"); i >= 0 {
			end = i
		}
	}
	if i := strings.Index(rest[:end], " #"); i > 0 {
		end = i
	}
	return strings.TrimSpace(rest[:end])
}

// glued finds a key whose colon has no space behind it.
func glued(line string) (column int, hint string, ok bool) {
	rest := strings.TrimLeft(line, " -")
	key, value, found := strings.Cut(rest, ":")
	if !found || !isName(key) || value == "" || value[0] == ' ' {
		return 0, "", false
	}
	return len(line) - len(rest) + 1, fmt.Sprintf("write a space behind the colon: %s: %s", key, value), true
}
