package policy

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// plainFold is the folding that links and regexes see: the case of a link's path counts, and a
// regex has a case folding of its own.
const plainFold = fold.Width | fold.Invisible

// view is the text as some conditions see it, with all words that any of them looks for.
type view struct {
	opts  fold.Options
	base  int // of a view for runs of white space, the one without them
	ids   map[string]int32
	list  []string
	words *match.Words
}

// view returns the number of the view with the given folding.
func (l *loader) view(opts fold.Options) int {
	for i := range l.out.views {
		if l.out.views[i].opts == opts {
			return i
		}
	}
	l.out.views = append(l.out.views, view{opts: opts, ids: map[string]int32{}})
	return len(l.out.views) - 1
}

// word returns the number of a word in a view, adding it. The word is folded already.
func (v *view) word(w string) int32 {
	id, ok := v.ids[w]
	if !ok {
		id = int32(len(v.list))
		v.ids[w] = id
		v.list = append(v.list, w)
	}
	return id
}

// buildViews makes the words of all views searchable.
func (r *Rules) buildViews() error {
	for i := range r.views {
		v := &r.views[i]
		words, err := match.NewWords(v.list)
		if err != nil {
			return fmt.Errorf("building the word search: %w", err)
		}
		v.words, v.ids = words, nil
	}
	return nil
}

// disguised tells whether what is found in the view has to be verified in the original.
func (v *view) disguised() bool { return v.opts&disguises != 0 }

// seen is one view of one event's text, made when the first condition asks for it.
type seen struct {
	text   fold.Text
	hits   []match.Hit
	verify verifier
	folded bool
	hunted bool
}

func (s *seen) reset() {
	s.text.Reset()
	s.hits, s.verify.s = s.hits[:0], ""
	s.folded, s.hunted = false, false
}

// text returns the event's text as the view shows it.
func (x *Exam) text(view int) *fold.Text {
	s := &x.seen[view]
	if !s.folded {
		s.text.Fold(x.e.Text, x.r.views[view].opts)
		s.folded = true
	}
	return &s.text
}

// hits returns all words that the view finds, with the text that they were found in. A view for runs
// of white space finds none in a text without them, which others look at.
func (x *Exam) hits(view int) ([]match.Hit, *fold.Text) {
	s := &x.seen[view]
	if v := &x.r.views[view]; !s.hunted && v.opts&fold.Blanks != 0 && !x.text(v.base).Runs() {
		s.hunted = true
	}
	if s.hunted {
		return s.hits, &s.text
	}
	t := x.text(view)
	s.hits = x.r.views[view].words.Append(s.hits[:0], t.Bytes())
	s.hunted = true
	return s.hits, t
}

// linksOf returns the links of the event's text, with the text that they were found in.
func (x *Exam) linksOf() (*match.Links, *fold.Text) {
	t := x.text(x.r.plainView)
	if !x.linked {
		x.links.Find(t.Bytes())
		x.linked = true
	}
	return &x.links, t
}

// original returns where a stretch of a folded text stands in the event's own.
func original(t *fold.Text, start, end int) span {
	from, to := t.Span(start, end)
	return span{from, to}
}
