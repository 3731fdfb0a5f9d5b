package policy

import "github.com/groupguard/groupguard/internal/policy/fold"

// reader reads a letter of a folded text in the original, where it may be a run of several, of which
// the first and the last may be one of those that ﬁ or ₨ is read as.
type reader struct {
	s       string
	o       fold.Options
	at, end int
	part    int
	rest    int // where something stands that is read as more letters than those of the run; -1: nothing does
}

func readLetter(s string, o fold.Options, l fold.Letter) reader {
	return reader{s: s, o: o, at: int(l.Start), end: int(l.End), part: int(l.Part), rest: -1}
}

// next returns the next letter and where it stands; false at the end.
func (r *reader) next() (st fold.Stand, at int, ok bool) {
	for r.at < r.end {
		st, at = fold.ReadPart(r.s, r.at, r.part, r.o), r.at
		switch {
		case !st.More || st.Kind == fold.Hidden:
			r.at, r.part = r.at+st.Size, 0
		case st.Runs:
			r.part++
		default:
			r.rest, r.at = at, r.end
		}
		if st.Kind != fold.Hidden {
			return st, at, true
		}
	}
	return st, at, false
}

// leftover returns the letter behind the run that what stands at its end is read as too; 0 when there
// is none. All of the run must have been read.
func (r *reader) leftover() rune {
	if r.rest < 0 {
		return 0
	}
	return fold.ReadPart(r.s, r.rest, r.part+1, r.o).As
}
