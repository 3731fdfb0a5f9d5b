package policy

import (
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxMatch is how much of a match a text may show.
const maxMatch = 64

// want adds the intents of an enforced rule to the case.
func (x *exam) want(d *Decision, r *rule, n int) {
	id := chat.NewCaseID(x.e.Group, x.e.ID, x.e.Text)
	f := filling{code: id.Code(), rule: string(r.id), title: r.title, count: n, match: x.match(r)}
	if r.count != nil {
		f.within = r.count.written
	}
	if d.Case == nil {
		d.Case = &chat.Case{ID: id, Code: f.code, Event: *x.e, Rules: x.r.hash}
	}
	for _, w := range r.intents {
		in := w.make(x.e, &f)
		in.Rule = r.id
		if keeps(x.e, in.Kind) {
			d.Case.Intents = merge(d.Case.Intents, in)
		}
	}
}

// keeps tells whether an intent of this kind can be meant for the event. Nothing is asked about an
// event that has happened, and who asks to join is not a member who could be removed.
func keeps(e *chat.Event, k chat.IntentKind) bool {
	switch {
	case k == chat.Block:
		return e.Asked
	case e.Asked && e.Kind == chat.Join:
		return k == chat.Alert
	}
	return true
}

// match returns the first thing that the rule found in the text, as it stands there.
func (x *exam) match(r *rule) string {
	if !r.inText {
		return ""
	}
	best := span{len(x.e.Text), len(x.e.Text)}
	for _, s := range r.when.spans(x, nil) {
		if s.start < best.start && !s.within(x.excused) {
			best = s
		}
	}
	s := x.e.Text[best.start:best.end]
	for len(s) > maxMatch {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// conclude makes the verdict, and drops a case that wants nothing.
func (d *Decision) conclude(r *Rules, e *chat.Event) {
	if d.Case == nil {
		return
	}
	if len(d.Case.Intents) == 0 {
		d.Case = nil
		return
	}
	d.Case.Matches = d.Matches
	for _, in := range d.Case.Intents {
		if in.Kind == chat.Block {
			d.Verdict = chat.Verdict{Block: true, Code: in.Code, Text: in.Reason}
		}
	}
}
