package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// maxGap is how many visible runes may stand between two letters of a word. More tears it apart for
// a reader too.
const maxGap = 32

// minSpelled is how many letters a word must have to be found as single letters: two of them, such
// as "к" and "у", are words often enough.
const minSpelled = 3

// gapSort is what sort of gap stands between two letters.
type gapSort struct {
	kind     gapKind
	line     bool // a line ends in it
	sentence bool // a sentence or a clause ends in it
	bare     bool // it is white space and nothing else
	parts    bool // it may part clauses: white space, a bracket, or what ends one where no space follows
}

// gap is what stands between two letters of a text.
type gap struct {
	gapSort
	quote bool   // it is an apostrophe, which belongs to words ("he'll")
	wide  bool   // it is wider than a reader follows
	sum   uint64 // stands for all that is seen of it
	signs uint64 // and for that without its white space
}

type gapKind uint8

const (
	noGap    gapKind = iota
	signGap          // signs without white space
	whiteGap         // white space, with or without signs
)

// sumBase is the multiplier of the sums of gaps; any large odd number does.
const sumBase = 0x9E3779B97F4A7C55

// gapOf reads what stands between two letters.
func gapOf(s string, o fold.Options) gap {
	var g gap
	ended, signs, seen := false, 0, 0
	for i := 0; i < len(s) && seen <= maxGap; {
		st := fold.Read(s, i, o)
		r, _ := utf8.DecodeRuneInString(s[i:])
		if st.Kind != fold.Hidden {
			g.sum = g.sum*sumBase + uint64(r)
			seen++
		}
		switch {
		case st.Kind == fold.Hidden:
		case unicode.IsSpace(r):
			g.kind, g.parts = whiteGap, true
			g.line = g.line || strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r)
			g.sentence = g.sentence || ended
		default:
			g.sentence = g.sentence || strings.ContainsRune("。，！？；：、｡､…", r)
			g.parts = g.parts || parts(r)
			ended = strings.ContainsRune(".,!?;:،؛؟", r) && g.kind != whiteGap // " . " ends nothing
			g.quote = strings.ContainsRune("'’`ʼ＇", r)
			g.kind = max(g.kind, signGap)
			g.signs = g.signs*sumBase + uint64(r)
			signs++
		}
		i += st.Size
	}
	g.wide = seen > maxGap
	g.bare = g.kind == whiteGap && signs == 0
	g.quote = g.quote && signs == 1 && g.kind == signGap
	return g
}

// parts tells whether a sign may stand between two clauses, rather than within a word.
func parts(r rune) bool {
	return strings.ContainsRune(".,!?;:。，！？；：、｡､．…،؛؟\"—–", r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
}

// part is the letters of a word between two of its own gaps, as they stand in the text.
type part struct {
	letters   int
	gaps      int  // how many gaps there are between the letters
	inRuns    int  // and within the letters that the text repeats
	spaced    bool // white space or an apostrophe tears letters apart that are written together
	lines     bool // a line's end does
	sentences bool // a sentence's end does, in a script without borders of words
	torn      bool // what may part clauses does, in such a script
	signs     bool // signs tear apart letters of a script with borders of words
	uneven    bool // the gaps differ
	mixed     bool // their signs do
	gap       gap  // the first one
}

// spelled tells whether there is a gap between all letters.
func (p *part) spelled() bool { return p.gaps == p.letters-1 }

// spacing tells whether what stands between the letters is there to disguise the word. The ends of a
// word that is written as single letters must be borders of words, whatever the rule asks.
func (v *verifier) spacing(f *form) bool {
	if v.o&fold.Spacing == 0 {
		return true
	}
	p, all := part{letters: 1}, part{letters: 1}
	var n demands
	k := 0
	for i := 1; i < len(v.letters); i++ {
		same := v.letters[i].At == v.letters[i-1].At
		if !same {
			k++
		}
		g, ok := v.between(i)
		if !ok || f.number[k] && g.kind != noGap && (same || f.gaps[k].kind == noGap) {
			return false
		}
		if !same && f.gaps[k].kind != noGap {
			if !v.joint(f, k, i, g) || !p.allowed(&n) {
				return false
			}
			p = part{letters: 1}
			all.add(g, v, i, same)
			continue
		}
		p.add(g, v, i, same)
		all.add(g, v, i, same)
	}
	if !p.allowed(&n) || (f.spelled || n.spelled) && !all.spelled() || n.spelled && all.letters < minSpelled {
		return false
	}
	return (!n.alone || v.edges.alone()) && (!n.apart || v.lenient || !v.edges.held()) && (!n.bounded || v.edges.free())
}

// between returns the gap before a letter; false when it is too wide.
func (v *verifier) between(i int) (gap, bool) {
	from, to := v.letters[i-1].End, v.letters[i].Start
	if from >= to {
		return gap{}, true
	}
	g := gapOf(v.s[from:to], v.o)
	return g, !g.wide
}

// add takes the gap before letter i. Letters of one run are one.
func (p *part) add(g gap, v *verifier, i int, same bool) {
	if !same {
		p.letters++
	}
	if g.kind == noGap {
		return
	}
	if same {
		p.inRuns++
	} else {
		p.gaps++
	}
	if p.gap.kind == noGap {
		p.gap = g
	}
	p.uneven = p.uneven || p.gap.sum != g.sum
	p.mixed = p.mixed || p.gap.signs != g.signs
	switch {
	case v.bordered(i):
		p.spaced = p.spaced || g.kind == whiteGap || g.quote
		p.signs = true
	default:
		p.lines = p.lines || g.line
		p.sentences = p.sentences || g.sentence
		p.torn = p.torn || g.parts
	}
}

// demands is what gaps ask of the whole hit.
type demands struct {
	bounded bool // its ends are borders of words
	spelled bool // there is a gap between all letters
	alone   bool // no letter stands beside it
	apart   bool // a letter stands beside one of its ends at most
}

// allowed tells whether the gaps within a part are there to disguise it: white space between all
// letters, with the same signs or none; signs anywhere, but in short words between all letters. A short part, such as the
// middle of "w o r k a t h o m e", needs the others to be spelled out as well. Where a script has no
// borders of words, what may part clauses tears a word apart that stands free at one end, as the
// letters of two words are held by both ("打赌 博士"); the same between all of three letters, or more,
// is no chance anywhere.
func (p *part) allowed(n *demands) bool {
	n.apart = n.apart || p.torn && (!p.spelled() || p.uneven || p.gaps+p.inRuns < 2)
	switch {
	case p.spaced:
		n.bounded = true
		n.spelled = n.spelled || p.letters < minSpelled
		return p.spelled() && !p.mixed
	case p.signs && p.letters <= minSpelled:
		return p.spelled() // "s-e-x", and not the file "bt.c"
	case p.sentences:
		n.alone = n.alone || p.letters < minSpelled
		return p.spelled() && !p.uneven
	case p.lines:
		n.alone = true
		return p.spelled()
	}
	return true
}

// joint tells whether a gap may stand where the word has one of its own.
func (v *verifier) joint(f *form, k, i int, g gap) bool {
	own := f.gaps[k]
	switch {
	case g.kind == noGap:
		return !v.bordered(i)
	case own.bare && g.bare:
		return true
	case g.line && !own.line:
		return v.spelledOut()
	case g.sentence && !own.sentence:
		return v.spelledOut()
	case own.kind == signGap && g.kind == whiteGap && v.bordered(i):
		return v.spelledOut()
	}
	return true
}

// spelledOut tells whether there is a gap between all letters of the hit.
func (v *verifier) spelledOut() bool {
	for i := 1; i < len(v.letters); i++ {
		if v.letters[i].Start <= v.letters[i-1].End {
			return false
		}
	}
	return true
}

// bordered tells whether the letters on both sides of a gap are of scripts with borders of words, as
// hangul is in this respect: it has spaces between words, although endings hang on them.
func (v *verifier) bordered(i int) bool {
	a, _ := utf8.DecodeRuneInString(v.s[v.letters[i-1].Start:])
	b, _ := utf8.DecodeRuneInString(v.s[v.letters[i].Start:])
	return spaced(a) && spaced(b)
}

func spaced(r rune) bool { return !match.Spaceless(r) || unicode.Is(unicode.Hangul, r) }
