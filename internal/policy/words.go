package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
	"go.yaml.in/yaml/v3"
)

// wordSet is the words of one list within a view.
type wordSet struct {
	list  *list
	ids   []int32  // what is looked for: words as the view folds them, sorted
	forms [][]form // for each of ids, the words that fold to it; nil where folding says it all
	count int      // how many words there are, those that fold to one being different ones
}

// disguiseNames are the words of see_through, in the order of the options of package fold.
func disguiseNames() []string {
	return []string{"width", "case", "invisible", "lookalike", "spacing", "leet", "repeats"}
}

// seeThrough reads what is folded away before words are compared.
func (l *loader) seeThrough(n *yaml.Node) fold.Options {
	var opts fold.Options
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return 0 // nothing is folded: the text as it is
	}
	for _, item := range l.items(n, "see_through") {
		if k := slices.Index(disguiseNames(), l.choice(item, "see_through", disguiseNames()...)); k >= 0 {
			opts |= 1 << k
		}
	}
	return opts
}

// words puts a list into a view.
func (l *loader) words(n *yaml.Node, number int, s *list) *wordSet {
	if s == nil {
		return nil
	}
	v, set := &l.out.views[number], &wordSet{list: s}
	var t fold.Text
	var own verifier
	forms := map[int32][]form{}
	for _, w := range s.entries {
		added := false
		for k, variant := range variants(w, v.opts) {
			if k > 0 && variant == "" {
				continue
			}
			t.Fold(variant, v.opts)
			folded := string(t.Bytes())
			var f form
			if v.disguised() {
				f = newForm(int32(set.count), &t, v.opts) //nolint:gosec // a list file holds far fewer words
			}
			if k == 0 && !l.usable(n, w, folded, &f, v.opts, s) {
				break
			}
			if f.spelled = k == spelledOut; folded == "" || len(folded) > match.MaxWord {
				continue
			}
			if v.disguised() && !f.spelled {
				f.settle(&own, &t, v.opts)
			}
			id := v.word(folded)
			forms[id] = append(forms[id], f)
			added = true
		}
		if added {
			set.count++
		}
	}
	set.order(forms)
	if !v.disguised() {
		set.forms, set.count = nil, len(set.ids)
	}
	return set
}

// usable reports a word that can never be found as it should.
func (l *loader) usable(n *yaml.Node, w, folded string, f *form, o fold.Options, s *list) bool {
	switch {
	case folded == "" || len(folded) > match.MaxWord:
		l.errorf(n, "", "the word %q of %s has nothing to see, or too much", w, s.label())
		return false
	case o&fold.Spacing != 0 && len(f.own) == 1:
		l.errorf(n, "take spacing out of see_through, or put the word into a list of its own",
			"the word %q of %s has one letter, which cannot be spaced out", w, s.label())
		return false
	}
	return true
}

// spelledOut is the variant of a word without its gaps.
const spelledOut = 4

// variants returns the ways to write a word that fold to different texts: as it is; where small and
// capital letters look like different ones, as in Greek, in either and with a capital in front; and
// without its gaps, where a letter on both sides of one becomes a run when the text has gaps
// everywhere. Variants that are the same are empty.
func variants(w string, o fold.Options) [spelledOut + 1]string {
	out := [spelledOut + 1]string{w}
	if o&fold.Lookalike != 0 && o&fold.Case != 0 && strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Greek, r) }) {
		first := true
		out[1] = strings.ToUpper(w)
		out[2] = strings.Map(func(r rune) rune {
			if first {
				first = false
				return unicode.ToUpper(r)
			}
			return unicode.ToLower(r)
		}, w)
		out[3] = strings.ToLower(w)
		for k := 1; k < spelledOut; k++ {
			if slices.Contains(out[:k], out[k]) {
				out[k] = ""
			}
		}
	}
	if o&fold.Spacing != 0 && o&fold.Repeats != 0 {
		var b strings.Builder
		for i := 0; i < len(w); {
			st := fold.Read(w, i, o)
			if st.Kind == fold.Char {
				b.WriteString(w[i : i+st.Size])
			}
			i += st.Size
		}
		if b.Len() < len(w) && fold.String(b.String(), o) != fold.String(w, o) {
			out[spelledOut] = b.String()
		}
	}
	return out
}

// order sorts what is looked for.
func (s *wordSet) order(forms map[int32][]form) {
	for id := range forms {
		s.ids = append(s.ids, id)
	}
	slices.Sort(s.ids)
	for _, id := range s.ids {
		s.forms = append(s.forms, forms[id])
	}
}

// anyWord stands for all words of a set.
const anyWord = -1

// each calls stop with where words of the set stand, or the one of the given number, until it says
// so, and tells whether it did.
func (s *wordSet) each(x *Exam, view int, b border, only int, stop func(span) bool) bool {
	hits, t := x.hits(view)
	for _, h := range hits {
		k, ok := slices.BinarySearch(s.ids, h.Word)
		switch {
		case !ok || s.forms == nil && only >= 0 && k != only:
		case s.forms != nil:
			if at, ok := s.verified(x, view, b, only, h, k); ok && stop(at) {
				return true
			}
		case b.allows(t.Bytes(), int(h.Start), int(h.End)) && stop(original(t, int(h.Start), int(h.End))):
			return true
		}
	}
	return false
}

// verified tells where a hit stands, if it is one of the words that it may be.
func (s *wordSet) verified(x *Exam, view int, b border, only int, h match.Hit, k int) (span, bool) {
	t, v := x.text(view), &x.seen[view].verify
	for i := range s.forms[k] {
		f := &s.forms[k][i]
		if only >= 0 && int(f.word) != only {
			continue
		}
		if at, ok := v.verify(t, x.r.views[view].opts, b, h, f); ok {
			return at, true
		}
	}
	return span{}, false
}

// patterns returns all that a word folds to.
func (s *wordSet) patterns(word int) []int32 {
	if s.forms == nil {
		return s.ids[word : word+1]
	}
	var ids []int32
	for k, forms := range s.forms {
		if slices.ContainsFunc(forms, func(f form) bool { return int(f.word) == word }) {
			ids = append(ids, s.ids[k])
		}
	}
	return ids
}
