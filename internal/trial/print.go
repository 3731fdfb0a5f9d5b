package trial

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// shownMembers is how many members a printed report names for a rule.
const shownMembers = 10

// Report writes a report for people.
func (p *Printer) Report(r *Report) {
	e := &r.Events
	if r.Interrupted {
		fmt.Fprintln(p.Out, p.paint(yellow, "Interrupted: this is about the events so far."))
	}
	fmt.Fprintf(p.Out, "%s (%s, %s, %s) of %s in %s", things(e.Total, "event"), things(e.Messages, "message"), things(e.Joins, "join"),
		things(e.Leaves, "leave"), e.Members.of("member"), e.Groups.of("group"))
	if !e.From.IsZero() {
		fmt.Fprintf(p.Out, "\n%s to %s (%s)", stamp(e.From), stamp(e.To), e.To.Sub(e.From).Round(time.Second))
	}
	fmt.Fprintf(p.Out, "\n%s not judged: exempt members, the operator's side, leaves\n", things(e.NotJudged, "event"))
	p.warn(e.Late, "stand more than a minute out of order: counts around them may be low. Sort the file by time")
	p.warn(e.Unknown, "have keys that this version does not know; the keys were passed over")
	p.warn(e.Bad, "bad lines were passed over")
	if r.SamplesCut {
		fmt.Fprintf(p.Out, "%s Not all samples are shown: a report holds %d, or %d MiB of their texts.\n", p.paint(yellow, "!"), maxRows, maxRowBytes>>20)
	}
	for i := range r.Rules {
		p.ruleReport(&r.Rules[i])
	}
	fmt.Fprintf(p.Out, "\n%s\n", p.paint(bold, fmt.Sprintf("Members who would have been removed: %s", r.Removed)))
	if r.Removed.N > 0 {
		fmt.Fprintln(p.Out, "Owners and admins, whom the bot spares, are among them: a recording does not say who they are.")
	}
	if l := &r.LongTime; l.Members.N > 0 {
		fmt.Fprintf(p.Out, "%s %s of them had been in the group for more than 90 days (known by joined_at %d, by a join in the recording %d, by an earlier event in it %d):\n",
			p.paint(red, "!"), l.Members, l.JoinedAt, l.Join, l.FirstSeen)
		p.members(l.Samples)
	} else {
		fmt.Fprintln(p.Out, "None of them is known to have been in the group for more than 90 days.")
	}
	if r.Against != nil {
		p.difference(r.Against)
	}
}

func (p *Printer) warn(n int, text string) {
	if n > 0 {
		fmt.Fprintf(p.Out, "%s %d %s.\n", p.paint(yellow, "!"), n, text)
	}
}

func (p *Printer) ruleReport(r *RuleReport) {
	mode := r.Mode
	if r.Rehearsed {
		mode += ", as if enforced"
	}
	fmt.Fprintf(p.Out, "\nrule %s (%s)", p.paint(bold, fmt.Sprintf("%q", r.Rule)), mode)
	if r.Hits == 0 {
		fmt.Fprintln(p.Out, ": no hits")
		return
	}
	fmt.Fprintf(p.Out, ": %s, %s, %s\n", things(r.Hits, "hit"), r.Members.of("member"), r.Groups.of("group"))
	if r.Mode == "shadow" && !r.Rehearsed {
		fmt.Fprintf(p.Out, "  would %s, were it enforced\n", strings.Join(r.Wants, ", "))
	}
	kinds := map[chat.IntentKind]bool{}
	for k := range r.Done {
		kinds[k] = true
	}
	for k := range r.Deduplicated {
		kinds[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(p.Out, "  %s: %d done", k, r.Done[k])
		if n := r.Deduplicated[k]; n > 0 {
			fmt.Fprintf(p.Out, ", %d not again", n)
		}
		fmt.Fprintln(p.Out)
	}
	p.braked(r.Braked)
	if len(r.Removed) > 0 {
		p.members(r.Removed)
	}
	p.samples(r.Samples)
}

// braked says what a brake would have held.
func (p *Printer) braked(b *Braked) {
	if b == nil {
		return
	}
	where := "in " + things(b.Groups, "group")
	if b.Everywhere {
		where = "in all groups"
	}
	fmt.Fprintf(p.Out, "  %s its brake (%d within %s) would have paused it %s, first at %s: %s would have been held\n", p.paint(yellow, "!"), b.Removals, b.Within,
		where, stamp(b.At), things(b.Held, "removal"))
}

func (p *Printer) members(list []Removal) {
	for i, m := range list {
		if i == shownMembers {
			fmt.Fprintln(p.Out, "    …")
			return
		}
		fmt.Fprintf(p.Out, "    %s  %s in %s\n", stamp(m.At), m.Member, m.Group)
	}
}

func (p *Printer) samples(list []Sample) {
	for _, s := range list {
		fmt.Fprintf(p.Out, "  %s %s  %s in %s, rule %q", p.paint(dim, s.Code), stamp(s.At), s.Member, s.Group, s.Rule)
		if s.Why != "" {
			fmt.Fprintf(p.Out, ": %s", s.Why)
		}
		if s.Text != "" {
			fmt.Fprintf(p.Out, ": %q", s.Text)
		}
		fmt.Fprintln(p.Out)
	}
}

func (p *Printer) difference(d *Difference) {
	fmt.Fprintf(p.Out, "\n%s\n", p.paint(bold, "Compared with the other rules"))
	fmt.Fprintf(p.Out, "  both act on %s\n", things(d.Both, "case"))
	for _, side := range []struct {
		name string
		*Side
	}{{"these rules", &d.OnlyNew}, {"the others", &d.OnlyOld}} {
		fmt.Fprintf(p.Out, "  only %s act on %s, and on %s\n", side.name, things(side.Cases, "case"), things(side.Members, "member"))
		p.samples(side.Samples)
	}
	for _, r := range d.Rules {
		fmt.Fprintf(p.Out, "  rule %q: %s only in these rules, %d only in the others\n", r.Rule, things(r.OnlyNew, "hit"), r.OnlyOld)
	}
	if d.Incomplete {
		fmt.Fprintf(p.Out, "%s more than %d members: the rest were not compared\n", p.paint(yellow, "!"), maxDistinct)
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// things puts a number before a noun.
func things(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
