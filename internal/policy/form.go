package policy

import (
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// form is one word as it is verified. Two words that fold to one have a form each.
type form struct {
	word   int32     // its number in the list
	own    []rune    // its letters
	ends   []int     // for each folded letter, where its own letters end
	gaps   []gapSort // for each folded letter, what stands before it in the word
	number []bool    // for each folded letter, whether it is of a part that is all digits
	lead   string    // signs at its beginning, which must stand in the text as well
	trail  string    // signs at its end
	// exact is set of a word whose own gaps or letters nothing could be told from a disguise, such as
	// "x x x" where runs are one letter: it is found as the list has it, and not otherwise.
	exact string
	// spelled is set of the form that has no gaps, which only stands for text with gaps between all
	// of its letters: "t o p c a s i n o" has one c, and "top casino" two.
	spelled bool
}

// newForm reads a word that is folded in t.
func newForm(word int32, t *fold.Text, o fold.Options) form {
	f := form{word: word}
	s := t.Source()
	letters := t.Letters(nil, 0, len(t.Bytes()))
	for i, k := range letters {
		between := ""
		switch {
		case i == 0:
			f.lead = strings.TrimSpace(s[:k.Start])
		case letters[i-1].End < k.Start:
			between = s[letters[i-1].End:k.Start]
		}
		if i == 0 || letters[i-1].At != k.At {
			f.gaps = append(f.gaps, gapOf(between, o).gapSort)
			f.ends = append(f.ends, 0)
		}
		for r := readLetter(s, o, k); ; {
			st, _, ok := r.next()
			if !ok {
				break
			}
			f.own = append(f.own, st.Own)
		}
		f.ends[len(f.ends)-1] = len(f.own)
	}
	if len(letters) > 0 {
		f.trail = strings.TrimSpace(s[letters[len(letters)-1].End:])
		f.lead, f.trail = visible(f.lead, o), visible(f.trail, o)
	}
	f.findNumbers()
	return f
}

// visible returns the signs of s.
func visible(s string, o fold.Options) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		st := fold.Read(s, i, o)
		if st.Kind != fold.Hidden {
			b.WriteString(s[i : i+st.Size])
		}
		i += st.Size
	}
	return b.String()
}

// settle makes the form exact if the word would not be found in a text that is the word.
func (f *form) settle(v *verifier, t *fold.Text, o fold.Options) {
	if _, ok := v.verify(t, o, anywhere, match.Hit{End: int32(len(t.Bytes()))}, f); ok { //nolint:gosec // a word is short
		return
	}
	letters := t.Letters(nil, 0, len(t.Bytes()))
	f.exact = exactly(t.Source()[letters[0].Start:letters[len(letters)-1].End], o)
}

// exactly returns a text as it is compared with an exact form.
func exactly(s string, o fold.Options) string { return fold.String(s, o&fold.Default|fold.Blanks) }

// findNumbers marks the parts between gaps that are all digits.
func (f *form) findNumbers() {
	f.number = make([]bool, len(f.ends))
	for a := 0; a < len(f.ends); {
		b := a + 1
		for b < len(f.ends) && f.gaps[b].kind == noGap {
			b++
		}
		all := !slices.ContainsFunc(f.own[f.start(a):f.end(b-1)], func(r rune) bool { return !fold.Digit(r) })
		for i := a; i < b; i++ {
			f.number[i] = all
		}
		a = b
	}
}

// start returns where the own letters of a folded letter begin.
func (f *form) start(k int) int {
	if k == 0 {
		return 0
	}
	return f.end(k - 1)
}

// end returns where they end.
func (f *form) end(k int) int { return f.ends[k] }
