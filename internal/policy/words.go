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

	// lenient is set where finding a word spares the member: then what may be two clauses is taken for
	// the word.
	lenient bool
	phrases *phrases // those with white space, in texts with runs of it; nil: there are none
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

// seenThrough returns all that conditions within the node see through, by the lists that they have.
// What is wrong with those is reported where they are read.
func seenThrough(n *yaml.Node) fold.Options {
	if n == nil {
		return 0
	}
	var opts fold.Options
	add := func(word *yaml.Node) {
		if k := slices.Index(disguiseNames(), word.Value); k >= 0 && word.Kind == yaml.ScalarNode {
			opts |= 1 << k
		}
	}
	if list := valueOf(n, "see_through"); list != nil {
		add(list)
		for _, word := range list.Content {
			add(word)
		}
	}
	for _, part := range n.Content {
		opts |= seenThrough(part)
	}
	return opts
}

// words puts a list into a view, and its phrases into another one.
func (l *loader) words(n *yaml.Node, number int, s *list) *wordSet {
	if s == nil {
		return nil
	}
	set, numbers := l.wordsIn(n, number, s)
	if l.out.views[number].opts&fold.Spacing == 0 {
		l.findPhrases(n, number, set, numbers)
	}
	return set
}

// wordsIn puts a list into a view, and returns the number of each entry among the words of the set;
// -1: it has none.
func (l *loader) wordsIn(n *yaml.Node, number int, s *list) (*wordSet, []int32) {
	v, set := &l.out.views[number], &wordSet{list: s, lenient: l.cur.inUnless == (l.cur.nots%2 == 0)}
	var t fold.Text
	var own verifier
	forms, numbers := map[int32][]form{}, make([]int32, len(s.entries))
	for e, w := range s.entries {
		added := false
		numbers[e] = -1
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
			if k == 0 && (folded == "" || len(folded) > match.MaxWord) {
				l.unseen(n, w, s)
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
			if numbers[e] = id; v.disguised() {
				numbers[e] = int32(set.count) //nolint:gosec // as above
			}
			added = true
		}
		if added {
			set.count++
		}
	}
	set.order(forms)
	if !v.disguised() {
		set.forms, set.count = nil, len(set.ids)
		for e, id := range numbers {
			if k, ok := slices.BinarySearch(set.ids, id); ok {
				numbers[e] = int32(k) //nolint:gosec // as above
			}
		}
	}
	return set, numbers
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
	return s.eachWord(x, view, b, only, stop) || s.phrases != nil && s.phrases.each(x, b, only, stop)
}

// eachWord does so for what stands in the text as the view has it.
func (s *wordSet) eachWord(x *Exam, view int, b border, only int, stop func(span) bool) bool {
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
	v.lenient = s.lenient
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
