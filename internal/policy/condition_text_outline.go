package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// maxCounted bounds what text conditions count. No provider carries longer messages (12 KB at
// Tencent).
const maxCounted = 100_000

// minCased is how many letters with a case a text must have for its capitals to be a share of
// anything: "OK" and "USA" are no shouting.
const minCased = 5

// outline looks at what a text is like as a whole. It holds when all of its keys do.
type outline struct {
	keys []outlineKey
}

// outlineKey is one key: a bound on what measure counts.
type outlineKey struct {
	name, want string
	measure    func(text string) int
	below      bool // the bound is an upper one
	bound      int
	unit       string
}

// outlineKeys are the keys of text that look at it as a whole.
func (l *loader) outlineKeys(o *outline) []field {
	number := func(name, doc, unit string, lo int, below bool, measure func(string) int) field {
		return field{name: name, is: numbers(lo, maxCounted), doc: doc, read: func(_, v *yaml.Node) {
			o.keys = append(o.keys, outlineKey{name, v.Value, measure, below, l.integer(v, name, lo, maxCounted), unit})
		}}
	}
	return []field{
		number("length_over", "The text has more characters than this, not counting marks and what nobody sees.", " characters", 0, false, length),
		number("length_under", "The text has fewer characters than this, not counting marks and what nobody sees.", " characters", 1, true, length),
		{name: "caps_over", is: percents(), doc: "More than this share of the letters that have a case are capitals, such as 70%. " +
			"With fewer than 5 such letters it never holds.",
			read: func(_, v *yaml.Node) {
				o.keys = append(o.keys, outlineKey{"caps_over", v.Value, capitals, false, l.share(v, "caps_over"), "% capitals"})
			}},
		number("emoji_over", "The text has more emoji than this; a family, a flag or a skin tone is one.", " emoji", 0, false, emojis),
		number("marks_over", "More combining marks than this stand on letters; accents that languages write do not count.", " marks", 0, false, marks),
		{name: "script_in", is: some(texts()), doc: "The text has a letter of one of these scripts, such as cyrillic, han or arabic.",
			read: func(_, v *yaml.Node) {
				tables, names := l.scripts(v)
				o.keys = append(o.keys, outlineKey{"script_in", strings.Join(names, ", "), lettersOf(tables), false, 0, " letters"})
			}},
	}
}

// share reads a percentage from 0% to 99%: nothing is over 100%.
func (l *loader) share(n *yaml.Node, what string) int {
	digits, ok := strings.CutSuffix(n.Value, "%")
	v, err := strconv.Atoi(digits)
	if n.Kind != yaml.ScalarNode || !ok || err != nil || strconv.Itoa(v) != digits || v < 0 || v > 99 {
		l.errorf(n, "such as 70%", "%s must be a percentage from 0%% to 99%%", what)
		return 0
	}
	return v
}

// scripts reads names of scripts as Unicode has them, in any case.
func (l *loader) scripts(n *yaml.Node) (tables []*unicode.RangeTable, names []string) {
	known := map[string]*unicode.RangeTable{}
	for name, t := range unicode.Scripts {
		if name != "Common" && name != "Inherited" { // no script of their own
			known[strings.ToLower(name)] = t
		}
	}
	for _, item := range l.items(n, "script_in") {
		name, ok := l.text(item, "script_in")
		if !ok {
			continue
		}
		name = strings.ToLower(name)
		if known[name] == nil {
			hint := nearest(name, sortedNames(known))
			if hint == "" {
				hint = "such as latin, cyrillic, greek, arabic, hebrew, han, hiragana, katakana, hangul, thai, devanagari"
			}
			l.errorf(item, hint, "there is no script %q", name)
			continue
		}
		tables, names = append(tables, known[name]), append(names, name)
	}
	return tables, names
}

// lettersOf returns what counts the letters of the given scripts.
func lettersOf(tables []*unicode.RangeTable) func(string) int {
	return func(s string) int {
		n := 0
		for _, r := range s {
			if unicode.IsLetter(r) && unicode.In(r, tables...) {
				n++
			}
		}
		return n
	}
}

func (k *outlineKey) holds(n int) bool {
	if k.below {
		return n < k.bound
	}
	return n > k.bound
}

func (o *outline) holds(s string) bool {
	return !slices.ContainsFunc(o.keys, func(k outlineKey) bool { return !k.holds(k.measure(s)) })
}

// explain adds what was measured.
func (o *outline) explain(s string, out []chat.Seen) []chat.Seen {
	for i := range o.keys {
		k := &o.keys[i]
		n := k.measure(s)
		out = append(out, saw("text."+k.name, k.want, fmt.Sprintf("%d%s", n, k.unit), truthOf(s != "" && k.holds(n))))
	}
	return out
}
