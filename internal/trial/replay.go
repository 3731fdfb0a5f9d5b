package trial

import (
	"context"
	"errors"
	"io"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// ReplayConfig says how recorded events are judged.
type ReplayConfig struct {
	Rules     *policy.Rules
	Against   *policy.Rules // to compare with; nil: nothing
	Samples   int           // events that are shown for each rule
	Rehearsed bool          // Rules were read with their rules in shadow judged as if they were enforced
	ShowText  bool          // samples hold the text of messages
	SkipBad   bool          // bad lines are counted and passed over
}

// Replay judges recorded events. Memory does not grow with their number. When the context ends, the
// report is about the events so far. After a bad line, unless these are skipped, nothing is judged any
// more and the report only has the bad lines.
func Replay(ctx context.Context, in *Reader, c ReplayConfig) (*Report, error) {
	p := newReplay(c)
	for ctx.Err() == nil {
		e, err := in.Next()
		var bad *BadEvent
		switch {
		case errors.Is(err, io.EOF):
			return p.finish(in), nil
		case errors.As(err, &bad):
			if p.report.Events.Bad++; len(p.report.Bad) < maxBad {
				p.report.Bad = append(p.report.Bad, bad)
			}
			continue
		case err != nil && ctx.Err() == nil:
			return nil, err
		case err != nil: // a reader may give up when the context ends
			continue
		}
		if p.report.Events.Bad > 0 && !c.SkipBad {
			continue
		}
		if err := p.event(&e); err != nil {
			return nil, err
		}
	}
	p.report.Interrupted = true
	return p.finish(in), nil
}

// replay is a report in the making.
type replay struct {
	c       ReplayConfig
	report  *Report
	budget  *budget
	now     *judge
	rules   map[chat.RuleID]*ruleCount
	counted recent // events, for each rule
	latest  int64  // the time of the latest event
	groups  distinct
	members distinct
	removed distinct
	stays   stays
	brakes  brakes
	other   *comparison // nil: nothing to compare with
	samples room
	named   room // for members
}

// ruleCount is what is counted for a rule.
type ruleCount struct {
	*RuleReport
	members, groups distinct
}

func newReplay(c ReplayConfig) *replay {
	p := &replay{
		c: c, report: &Report{Hash: c.Rules.Hash(), Rules: []RuleReport{}}, budget: &budget{maxDigests},
		now: newJudge(c.Rules), brakes: brakes{rules: c.Rules}, rules: map[chat.RuleID]*ruleCount{},
		samples: room{maxRows, maxRowBytes}, named: room{maxRows, maxRowBytes},
	}
	infos, wants := c.Rules.Infos(), c.Rules.Wants()
	p.report.Rules = make([]RuleReport, len(infos))
	for i, info := range infos {
		p.report.Rules[i] = RuleReport{Rule: info.ID, Title: info.Title, Mode: info.Mode, Wants: wants[info.ID], Rehearsed: c.Rehearsed && info.Mode == policy.ModeShadow}
		p.rules[info.ID] = &ruleCount{RuleReport: &p.report.Rules[i]}
	}
	if c.Against != nil {
		p.other = newComparison(c.Against)
	}
	return p
}

// event judges one event. What was begun is finished: an interruption comes between two events.
func (p *replay) event(e *chat.Event) error {
	p.count(e)
	p.stays.note(e)
	o, err := p.now.judge(context.Background(), e)
	if err != nil {
		return err
	}
	if o.decision.Exempt || e.Trusted || e.Kind == chat.Leave {
		p.report.Events.NotJudged++
	}
	id := chat.NewCaseID(e.Group, e.ID, e.Text)
	for _, m := range o.decision.Matches {
		if p.counted.isNew(digestOf(string(id), string(m.Rule)).short()) {
			p.hit(e, id, m)
		}
	}
	for i := range o.cases {
		p.decided(e, &o.cases[i])
	}
	if p.other != nil {
		return p.other.event(e, o, p.show)
	}
	return nil
}

// count counts what was read.
func (p *replay) count(e *chat.Event) {
	n := &p.report.Events
	n.Total++
	switch e.Kind {
	case chat.Message:
		n.Messages++
	case chat.Join:
		n.Joins++
	default:
		n.Leaves++
	}
	at := e.At.UnixMicro()
	if p.latest > 0 && at < p.latest-micros(lateBy) {
		n.Late++
	}
	p.latest = max(p.latest, at)
	if n.From.IsZero() || e.At.Before(n.From) {
		n.From = e.At
	}
	if e.At.After(n.To) {
		n.To = e.At
	}
	p.groups.add(shortGroup(e.Group), p.budget)
	p.members.add(digestOf(string(e.Provider), string(e.Account), string(e.Member)).short(), p.budget)
}

// hit counts a rule that fits an event.
func (p *replay) hit(e *chat.Event, id chat.CaseID, m chat.Match) {
	r := p.rules[m.Rule]
	r.Hits++
	r.members.add(shortMember(e.Group, e.Member), p.budget)
	r.groups.add(shortGroup(e.Group), p.budget)
	p.show(&r.Samples, e, id, m)
}

// show adds a sample, unless there are as many as were asked for or no room is left.
func (p *replay) show(to *[]Sample, e *chat.Event, id chat.CaseID, m chat.Match) {
	if len(*to) >= p.c.Samples {
		return
	}
	s := sample(e, id, m, p.c.ShowText)
	if !p.samples.take(s.Text, s.Why, string(s.Group), string(s.Member)) {
		p.report.SamplesCut = true
		return
	}
	*to = append(*to, s)
}

func sample(e *chat.Event, id chat.CaseID, m chat.Match, text bool) Sample {
	s := Sample{
		Code: id.Code(), At: e.At.UTC(), Rule: m.Rule, Mode: m.Mode, Provider: e.Provider, Group: e.Group.ID, Member: e.Member, Why: m.Why,
	}
	if text {
		s.Text = e.Text
	}
	return s
}

// decided counts what a case would have had done.
func (p *replay) decided(e *chat.Event, d *decided) {
	for _, in := range d.Intents {
		if !in.Queued() && in.Acts(d.Strikes) {
			tally(&p.rules[in.Rule].Done, in.Kind)
		}
	}
	queued, dropped := d.done()
	for i := range dropped {
		tally(&p.rules[dropped[i].Intent.Rule].Deduplicated, dropped[i].Intent.Kind)
	}
	for i := range queued {
		a := &queued[i]
		r := p.rules[a.Intent.Rule]
		tally(&r.Done, a.Intent.Kind)
		if a.Intent.Kind != chat.Remove || a.Member == "" {
			continue
		}
		p.brakes.removal(e.At, a, r.RuleReport, p.budget)
		gone := Removal{a.Group.Provider, a.Group.ID, a.Member, a.EventAt.UTC()}
		if len(r.Removed) < maxMembers && p.named.take(string(gone.Group), string(gone.Member)) {
			r.Removed = append(r.Removed, gone)
		}
		p.removed.add(shortMember(a.Group, a.Member), p.budget)
		p.stays.removed(e, a, gone, &p.report.LongTime, p.budget)
	}
}

func tally(counts *map[chat.IntentKind]int, k chat.IntentKind) {
	if *counts == nil {
		*counts = map[chat.IntentKind]int{}
	}
	(*counts)[k]++
}

// finish makes the report.
func (p *replay) finish(in *Reader) *Report {
	r := p.report
	for _, c := range p.rules {
		c.Members, c.Groups = c.members.tally(), c.groups.tally()
	}
	r.Events.Groups, r.Events.Members, r.Events.Unknown = p.groups.tally(), p.members.tally(), in.Unknown()
	r.Removed, r.LongTime.Members = p.removed.tally(), p.stays.long.tally()
	if p.other != nil {
		r.Against = p.other.finish()
	}
	return r
}
