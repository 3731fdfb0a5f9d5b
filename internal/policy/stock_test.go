package policy

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// stock is what texts of one script are made of.
type stock struct {
	name               string
	spam, lines, words []string
}

// stocks reads the stocks of all scripts.
func stocks(t testing.TB) []stock {
	t.Helper()
	var out []stock
	for _, name := range []string{"latin", "cyrillic", "han", "arabic"} {
		data, err := os.ReadFile("testdata/recall/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		s := stock{name: name}
		section := ""
		for line := range strings.Lines(string(data)) {
			switch line = strings.TrimSuffix(line, "\n"); {
			case line == "" || line[0] == '#':
			case line[0] == '[':
				section = line
			case section == "[spam]":
				s.spam = append(s.spam, line)
			case section == "[lines]":
				s.lines = append(s.lines, line)
			default:
				s.words = append(s.words, strings.Fields(line)...)
			}
		}
		if len(s.spam) != 10 || len(s.lines) < 10 || len(s.words) < 300 {
			t.Fatalf("%s: %d words to look for, %d lines, %d words", name, len(s.spam), len(s.lines), len(s.words))
		}
		out = append(out, s)
	}
	return out
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// line makes a clean line up.
func (s *stock) line(r *rand.Rand) string {
	pattern := pick(r, s.lines...)
	if s.name == "latin" || s.name == "cyrillic" {
		if r.IntN(12) == 0 {
			pattern = strings.ToUpper(pattern)
			pattern = strings.NewReplacer("{W}", "{w}", "{N}", "{n}", "{P}", "{p}", "{L}", "{l}", "{T}", "{t}", "{E}", "{e}", "{M}", "{m}", "{I}", "{i}", "{S}", "{s}").Replace(pattern)
		}
	}
	var b strings.Builder
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		b.WriteString(s.slot(r, rest[0]))
		pattern = rest[2:]
	}
	return b.String()
}

// slot fills one slot of a line.
func (s *stock) slot(r *rand.Rand, kind byte) string {
	number := func() string {
		return fmt.Sprint(pick(r, r.IntN(10), r.IntN(100), r.IntN(3000), r.IntN(1000000)))
	}
	switch kind {
	case 'n':
		return number()
	case 'p':
		return pick(r, "$"+number(), number()+" €", "£"+number()+".99", number()+"₽", "¥"+number(), number()+"k", "5$/kg", "1+1=2")
	case 'l':
		return pick(r, "https://example.com/a-b/c_d?e=1&f=2", "www.example.org", "t.me/example_chat", "docs.example.net/v1.2", "me@example.com")
	case 't':
		return pick(r, "+7 916 123-45-67", "+86 138 0013 8000", "(555) 010-9999", "8-800-555-35-35", "00966 50 123 4567")
	case 'e':
		return pick(r, "😀", "🔥", "❤️", "👍🏽", "🇺🇸", "👨‍👩‍👧", "✅", ":-)", ";)", "🎉")
	case 'm':
		return pick(r, "-", "*", "•", "1.", "2)", "a)", "①", "—", "[x]", "№ 3")
	case 'i':
		return pick(r, "U. S. A.", "J. R. R.", "А. П.", "И. И.", "U.S.", "e. g.", "P.S.", "д. м. н.", "B. B. C.")
	case 's':
		return map[string]string{"latin": pick(r, "a", "I", "o", "x", "y"), "cyrillic": pick(r, "а", "и", "в", "к", "о", "с", "у", "я"),
			"arabic": pick(r, "و", "ب", "ل", "ك")}[s.name]
	}
	w := pick(r, s.words...)
	switch r.IntN(8) {
	case 0:
		first := []rune(w)[:1]
		return strings.ToUpper(string(first)) + strings.TrimPrefix(w, string(first))
	case 1:
		if s.name == "cyrillic" || s.name == "latin" {
			return strings.ToUpper(w)
		}
	}
	return w
}
