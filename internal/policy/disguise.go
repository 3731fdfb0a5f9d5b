package policy

import (
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// disguises are the options under which different texts fold to one that should not, so that what
// was found in the folded text is verified in the original.
const disguises = fold.Lookalike | fold.Spacing | fold.Leet | fold.Repeats

// minForeign is how many letters a word must have to be found in letters of another alphabet alone:
// "сор" and "cop" are both words, while "ceкc" or "CEKC" is written by nobody but to hide. Letters
// that the text repeats are not more of the word: "Matt" is no "мат".
const minForeign = 4

// verifier compares one hit with the words that it may be. It is reused from hit to hit.
type verifier struct {
	all     []fold.Letter // of the hit
	letters []fold.Letter // those that are looked at
	s       string
	o       fold.Options
	lenient bool // what may be two clauses is taken for a word
	total   int  // letters
	other   int  // letters of another alphabet
	foreign *unicode.RangeTable
	mixed   bool // they are of several
	letter  int  // true letters
	digits  int  // digits that are written for letters
	signs   int  // signs that are
	edges   edges
}

// verify tells whether the hit is the word, and where it stands in the original. Letters that stand
// alone beside it may have become part of a run at its end ("v i a g r a, a b c"); it is looked at
// without them as well.
func (v *verifier) verify(t *fold.Text, o fold.Options, b border, h match.Hit, f *form) (span, bool) {
	v.all = t.Letters(v.all[:0], int(h.Start), int(h.End))
	v.s, v.o = t.Source(), o
	if len(v.all) == 0 || len(f.ends) == 0 {
		return span{}, false
	}
	first, _ := utf8.DecodeRune(t.Bytes()[h.Start:h.End])
	last, _ := utf8.DecodeLastRune(t.Bytes()[h.Start:h.End])
	starts, ends := [2]int{}, [2]int{len(v.all), len(v.all)}
	n := len(v.all)
	for starts[1] < n-1 && v.all[starts[1]+1].At == v.all[0].At {
		starts[1]++
	}
	for ends[1] > 1 && v.all[ends[1]-2].At == v.all[n-1].At {
		ends[1]--
	}
	starts[1] = max(starts[1]+1-f.end(0), 0)
	ends[1] = min(ends[1]-1+f.end(len(f.ends)-1)-f.start(len(f.ends)-1), n)
	for i, start := range starts {
		for j, end := range ends {
			if i > 0 && start == starts[0] || j > 0 && end == ends[0] || start >= end {
				continue
			}
			if at, ok := v.try(v.all[start:end], b, first, last, f); ok {
				return at, true
			}
		}
	}
	return span{}, false
}

// try verifies some letters, whose ends read as the given ones.
func (v *verifier) try(letters []fold.Letter, b border, first, last rune, f *form) (span, bool) {
	v.letters = letters
	at := span{int(letters[0].Start), int(letters[len(letters)-1].End)}
	if f.lead != "" && !v.behind(at.start, f.lead) || f.trail != "" && !v.before(at.end, f.trail) {
		return at, false
	}
	v.edges = v.edgesOf(at, first, last)
	switch {
	case !v.allows(b, at):
		return at, false
	case f.exact != "":
		return at, f.exact == exactly(v.s[at.start:at.end], v.o)
	}
	return at, v.spelling(f) && v.spacing(f)
}

// behind tells whether the text up to a place ends in the given signs, and white space perhaps.
func (v *verifier) behind(end int, signs string) bool {
	for end > 0 && signs != "" {
		r, n := utf8.DecodeLastRuneInString(v.s[:end])
		end -= n
		want, k := utf8.DecodeLastRuneInString(signs)
		if r == want {
			signs = signs[:len(signs)-k]
		} else if kind := fold.Read(v.s, end, v.o).Kind; kind != fold.Hidden && kind != fold.Space {
			return false
		}
	}
	return signs == ""
}

// before tells whether the text from a place on begins with the given signs, and white space perhaps.
func (v *verifier) before(start int, signs string) bool {
	for start < len(v.s) && signs != "" {
		st := fold.Read(v.s, start, v.o)
		r, _ := utf8.DecodeRuneInString(v.s[start:])
		want, k := utf8.DecodeRuneInString(signs)
		if r == want {
			signs = signs[k:]
		} else if st.Kind != fold.Hidden && st.Kind != fold.Space {
			return false
		}
		start += st.Size
	}
	return signs == ""
}

// spelling tells whether the letters are those of the word, or may be written for them.
func (v *verifier) spelling(f *form) bool {
	v.total, v.other, v.foreign, v.mixed, v.letter, v.digits, v.signs = 0, 0, nil, false, 0, 0, 0
	k := 0
	for i := 0; i < len(v.letters); k++ {
		j := i + 1
		for j < len(v.letters) && v.letters[j].At == v.letters[i].At {
			j++
		}
		if k >= len(f.ends) || !v.run(f, k, i, j) {
			return false
		}
		i = j
	}
	switch {
	case k != len(f.ends), v.digits+v.signs > 0 && v.letter == 0:
		return false
	case v.letter == 1 && v.digits > 1 && v.signs == 0: // a number with a unit, or a code: "53x", "8e7"
		return false
	case v.other == v.total && !v.mixed:
		return len(f.own) >= minForeign
	}
	return true
}

// run compares the letters [i, j), of which one folded letter was made, with the word's own: each
// letter of the word stands for one or, if repeats are seen through, more of the text's.
func (v *verifier) run(f *form, k, i, j int) bool {
	all := f.own[f.start(k):f.end(k)]
	own := all[:min(len(all), maxRun)]
	stay := uint64(0) // letters that the text may repeat
	for k, w := range own {
		if v.o&fold.Repeats != 0 && !fold.Digit(w) {
			stay |= 1 << k
		}
	}
	states, n := uint64(0), 0
	for _, l := range v.letters[i:j] {
		for r := readLetter(v.s, v.o, l); ; n++ {
			st, at, ok := r.next()
			if !ok {
				break
			}
			states = v.step(states, states&stay, n, at, st, own)
		}
	}
	if len(own) == 0 || n < len(all) || f.number[k] && n > len(all) {
		return false
	}
	return states>>(len(own)-1)&1 == 1
}

// maxRun is how many letters of a run in a word are compared one by one, each having a bit; of the
// others, only the number counts.
const maxRun = 64

// step takes one letter of the text: states has a bit for each letter of the word that the text's
// letters so far may have come to, and repeated one for each of those that may come again.
func (v *verifier) step(states, repeated uint64, n, at int, st fold.Stand, own []rune) uint64 {
	next := states<<1 | repeated
	if n == 0 {
		next = 1
	}
	best := notWritten
	for k, w := range own {
		if next>>k&1 == 0 {
			continue
		}
		how := v.stands(st, at, w)
		if how == notWritten {
			next &^= 1 << k
		}
		best = max(best, how)
	}
	if unicode.IsLetter(st.Own) || st.Kind == fold.Char && !fold.Digit(st.Own) {
		v.letter++
	}
	v.total++
	switch best {
	case otherAlphabet:
		a := fold.Alphabet(st.Own)
		v.mixed = v.mixed || v.other > 0 && v.foreign != a
		v.other, v.foreign = v.other+1, a
	case digitOrSign:
		if st.Kind == fold.Sign {
			v.signs++
		} else {
			v.digits++
		}
	}
	return next
}

// written says how a letter of the text stands for one of the word.
type written uint8

const (
	notWritten    written = iota
	otherAlphabet         // by one of another alphabet that looks alike
	digitOrSign           // by one
	otherForm             // by itself, or another form of it
)

// stands tells how the letter at a place of the text is written for one of the word. Nobody writes a
// letter for a digit: "CA" is no "c4".
func (v *verifier) stands(st fold.Stand, at int, w rune) written {
	o := st.Own
	switch {
	case o == w:
		return otherForm
	case fold.Digit(w):
		return notWritten
	case o == 'l' && w == 'i' || o == 'i' && w == 'l':
		if v.jars(at) {
			return otherForm
		}
		return notWritten
	case !fold.Swaps(o, w, v.o):
		return notWritten
	case fold.Digit(o) || st.Kind == fold.Sign:
		return digitOrSign
	case fold.Alphabet(o) != nil && fold.Alphabet(w) != nil:
		return otherAlphabet
	}
	return otherForm
}

// jars tells whether the I at a place of the text is a capital behind a small letter ("PayPaI"), or
// the l a small letter beside a capital ("CASlNO"): then they are written for one another.
func (v *verifier) jars(at int) bool {
	before, _ := utf8.DecodeLastRuneInString(v.s[:at])
	if v.s[at] == 'I' {
		return unicode.IsLower(before)
	}
	after, _ := utf8.DecodeRuneInString(v.s[at+1:])
	return v.s[at] == 'l' && (unicode.IsUpper(before) || unicode.IsUpper(after))
}
