package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/runenames"
)

//go:embed confusables.txt
var confusablesFile string

// confusablesVersion is the edition of Unicode whose table that is.
const confusablesVersion = "17.0.0"

// looks says which ASCII letters and digits a reader takes a rune for, or which plain letter of its
// own script.
type looks map[rune]string

// newLooks works out the lookalikes of all runes, case by case alike.
func newLooks() (looks, error) {
	prototypes, err := confusables()
	if err != nil {
		return nil, err
	}
	l := looks{}
	for r := rune(0x80); r <= 0x1FFFF; r++ {
		if s := look(r, prototypes, 0); s != "" && s != string(r) {
			l[r] = s
		}
	}
	l.evenOut()
	return l, nil
}

// confusables reads the prototypes, without their marks.
func confusables() (map[rune]string, error) {
	out := map[rune]string{}
	for line := range strings.Lines(confusablesFile) {
		source, target, ok := strings.Cut(strings.TrimSpace(line), " ; ")
		if !ok || line[0] == '#' {
			continue
		}
		r, err := strconv.ParseUint(source, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("reading confusables: %w", err)
		}
		var prototype []rune
		for field := range strings.FieldsSeq(target) {
			p, err := strconv.ParseUint(field, 16, 32)
			if err != nil {
				return nil, fmt.Errorf("reading confusables: %w", err)
			}
			prototype = append(prototype, rune(p))
		}
		out[rune(r)] = withoutMarks(norm.NFD.String(string(prototype)))
	}
	return out, nil
}

// look works out one rune: by hand, by what it is composed of, by its name, by Unicode's table.
func look(r rune, prototypes map[rune]string, depth int) string {
	if s, ok := byHand[r]; ok {
		return s
	}
	if ideographic(r) || kept[r] || depth > 3 {
		return ""
	}
	if d := unicode.Is(unicode.Nd, r); d || unicode.Is(unicode.Arabic, r) || unicode.Is(unicode.Hebrew, r) {
		if d {
			return string('0' + digitValue(r))
		}
		return ownScript(r)
	}
	if s := byParts(r, prototypes, depth); s != "" {
		return s
	}
	if s := byName(runenames.Name(r)); s != "" {
		return s
	}
	return byTable(r, prototypes)
}

// byParts takes a rune apart and drops its marks: "é" is an e, "𝐚" an a, "⒜" an a, "ǟ" an a.
func byParts(r rune, prototypes map[rune]string, depth int) string {
	s := strings.Trim(withoutMarks(norm.NFKD.String(string(r))), "()")
	if s == "" || s == string(r) {
		return ""
	}
	if plainASCII(s) {
		if unicode.Is(unicode.So, r) && len(s) > 1 { // signs, such as № and ™
			return ""
		}
		return s
	}
	if p := []rune(s); len(p) == 1 && unicode.In(p[0], unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		if deep := look(p[0], prototypes, depth+1); deep != "" {
			return deep
		}
		return s
	}
	return ""
}

var names = []*regexp.Regexp{
	regexp.MustCompile(`^LATIN (CAPITAL|SMALL) LETTER ([A-Z])(?: WITH .*)?$`),
	regexp.MustCompile(`^LATIN LETTER (SMALL) CAPITAL ([A-Z])$`),
	regexp.MustCompile(`^(?:NEGATIVE CIRCLED|NEGATIVE SQUARED|CROSSED NEGATIVE SQUARED|REGIONAL INDICATOR|SQUARED) (?:LATIN )?(CAPITAL|SYMBOL) LETTER ([A-Z])$`),
}

// byName reads the letter out of a rune's name.
func byName(name string) string {
	for _, re := range names {
		if m := re.FindStringSubmatch(name); m != nil {
			if m[1] == "SMALL" {
				return strings.ToLower(m[2])
			}
			return m[2]
		}
	}
	return ""
}

// byTable looks a letter up in Unicode's table. Symbols are not letters to a reader who sees them
// among words ("2×3"), letters are no digits, and a capital that looks like an l is an I.
func byTable(r rune, prototypes map[rune]string) string {
	s := prototypes[r]
	if s == "" || !unicode.IsLetter(r) || !unicode.In(r, lookScripts()...) || strings.ContainsAny(s, "0123456789") {
		return ""
	}
	if s == "rn" {
		s = "m"
	}
	if unicode.IsUpper(r) {
		s = strings.ToUpper(strings.ReplaceAll(s, "l", "I"))
	}
	if basicCyrillic(r) && len(s) > 1 {
		return ""
	}
	return s
}

// evenOut lets both cases of a letter look like the same one, as far as its alphabet allows. The
// Greek capitals and small letters differ for good: Ν is an N and ν a v.
func (l looks) evenOut() {
	for u := rune(0x80); u <= 0x1FFFF; u++ {
		s := unicode.ToLower(u)
		if s == u || unicode.In(u, unicode.Greek, unicode.Cherokee) || unicode.ToUpper(s) != u || l[u] == "" || kept[u] {
			continue
		}
		if l[s] == "" {
			if s >= 0x80 {
				l[s] = strings.ToLower(l[u])
			}
		} else if !strings.EqualFold(l[u], l[s]) {
			l[u] = strings.ToUpper(l[s])
		}
	}
}

func plainASCII(s string) bool {
	for _, r := range s {
		if r >= 0x80 || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != "" && len(s) <= 4
}

func digitValue(r rune) rune {
	n := rune(0)
	for unicode.Is(unicode.Nd, r-n-1) && n < 9 && (r < 0x1D7CE || r > 0x1D7FF) {
		n++
	}
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return (r - 0x1D7CE) % 10
	}
	return n
}
