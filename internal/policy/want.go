package policy

import (
	"strconv"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxMatch is how much of a match a text may show.
const maxMatch = 64

// want adds the intents of an enforced rule to the case.
func (x *Exam) want(d *Decision, r *rule, t *tally) {
	id := chat.NewCaseID(x.e.Group, x.e.ID, x.e.Text)
	f := filling{code: id.Code(), rule: string(r.id), title: r.title, count: t.n, match: x.match(r)}
	if r.counter != nil {
		f.within = r.counter.base().written
	}
	if d.Case == nil {
		d.Case = &chat.Case{ID: id, Code: f.code, Event: *x.e, Rules: x.r.hash}
	}
	for _, w := range r.intents {
		if w.kind == "strike" {
			continue
		}
		in := w.make(x.e, &f)
		in.Rule, in.AtStrikes, in.BelowStrikes = r.id, w.at, w.below
		in.Unsure = x.r.unsure && byRole(in.Kind)
		if !keeps(x.e, in.Kind) {
			continue
		}
		if rm, ok := w.intent.(*remove); ok && rm.wide() {
			rm.spread(x, d, in, t.others)
			continue
		}
		if in.Kind == chat.Recall {
			d.recall(x, in)
			continue
		}
		d.Case.Intents = merge(d.Case.Intents, in)
	}
	if r.strike != nil && !(x.e.Asked && x.e.Kind == chat.Join) {
		d.Case.Strike = r.strike.merge(d.Case.Strike, r)
	}
}

// keeps tells whether an intent of this kind can be meant for the event. Nothing is asked about an
// event that has happened or was answered, and who asks to join is not a member who could be removed.
func keeps(e *chat.Event, k chat.IntentKind) bool {
	switch {
	case k == chat.Block:
		return e.Asked && !e.Answered && !e.Refused
	case e.Asked && e.Kind == chat.Join:
		return k == chat.Alert
	case k == chat.Recall: // what has no name cannot be taken back
		return e.Kind == chat.Message && !e.Asked && e.Message != ""
	}
	return true
}

// byRole tells whether an intent of this kind asks first which role the member has.
func byRole(k chat.IntentKind) bool { return k == chat.Remove || k == chat.Mute }

// recall adds the case that takes the message back. It is one of its own, since the event's case may
// be stored before the message is sent, and has a name to be taken back by.
func (d *Decision) recall(x *Exam, in chat.Intent) {
	id := chat.CaseID(chat.Digest("recall", string(d.Case.ID), strconv.Itoa(in.AtStrikes)))
	for _, p := range d.Parts {
		if p.ID == id {
			return
		}
	}
	e := *x.e
	e.Text = ""
	d.Parts = append(d.Parts, chat.Case{ID: id, Code: id.Code(), Of: d.Case.ID, Rules: d.Case.Rules, Event: e, Intents: []chat.Intent{in}})
}

// match returns the first thing that the rule found in the text, as it stands there.
func (x *Exam) match(r *rule) string {
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
func (d *Decision) conclude(x *Exam) {
	if d.Case == nil {
		return
	}
	if len(d.Case.Intents) == 0 && d.Case.Strike == nil && len(d.Parts) == 0 {
		d.Case, d.Parts = nil, nil
		return
	}
	d.Case.Matches, d.Case.Trace = d.Matches, x.traceExcused(d.trace)
	for _, in := range d.Case.Intents {
		if in.Kind == chat.Block && in.AtStrikes == 0 {
			d.Verdict = verdict(in)
		}
	}
}

// verdict is what a block says to an asked event.
func verdict(in chat.Intent) chat.Verdict {
	return chat.Verdict{Block: true, Code: in.Code, Text: in.Reason}
}

// VerdictOf returns the answer to an asked event whose case was stored, when the member's ladder
// held so many strikes: a block may stand on a rung of it.
func VerdictOf(c *chat.Case, strikes int) chat.Verdict {
	for _, in := range c.Intents {
		if in.Kind == chat.Block && in.Acts(strikes) {
			return verdict(in)
		}
	}
	return chat.Verdict{}
}
