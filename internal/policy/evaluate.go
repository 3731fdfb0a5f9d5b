package policy

import "github.com/groupguard/groupguard/internal/chat"

// Needs returns what the store has to be asked before the event can be judged. A window is asked
// for only when everything else in its rule holds or still may: what does not fit a rule's other
// conditions is not counted.
func (r *Rules) Needs(e *chat.Event) chat.Look {
	look := chat.Look{Event: e.ID, Group: e.Group, Member: e.Member, Kind: e.Kind, At: e.At}
	if e.Kind == chat.Join {
		if look.Peek = e.Asked; !e.Asked && !e.Late {
			look.KeepJoin = r.keepJoin
		}
	}
	if r.spares(e) {
		return look
	}
	x := r.begin(e)
	defer x.end()
	for _, rule := range r.rules {
		if !rule.applies(e) {
			continue
		}
		t := x.stateless(rule)
		if t == no {
			continue
		}
		if rule.count != nil {
			w, ok := rule.count.window(e)
			if !ok {
				continue
			}
			look.Windows = append(look.Windows, w)
		}
		look.Joined = look.Joined || t == maybe
	}
	return look
}

// spares tells whether the event is not judged at all.
func (r *Rules) spares(e *chat.Event) bool {
	return e.Trusted || e.Kind != chat.Message && e.Kind != chat.Join || r.isExempt(e)
}

func (r *Rules) isExempt(e *chat.Event) bool {
	for _, s := range r.exempt {
		if s.members.has(e.Provider, e.Member) {
			return true
		}
	}
	return false
}

// Evaluate judges one event. The facts are the store's answer to what Needs returned for it; of
// facts that are missing the ones are assumed that excuse the member.
func (r *Rules) Evaluate(e *chat.Event, f chat.Facts) Decision {
	if r.spares(e) {
		return Decision{Exempt: e.Trusted || r.isExempt(e)}
	}
	x := r.begin(e)
	defer x.end()
	var d Decision
	next := 0 // of f.Counts: rules ask for their windows in the order of the file
	stopped := false
	for _, rule := range r.rules {
		if !rule.applies(e) {
			continue
		}
		t := x.stateless(rule)
		if t == no {
			continue
		}
		n := 0
		if rule.count != nil {
			if _, ok := rule.count.window(e); !ok {
				continue
			}
			if next < len(f.Counts) {
				n = f.Counts[next]
			}
			next++
		}
		if stopped || rule.count != nil && n < rule.count.limit || t == maybe && !x.withFacts(&f, rule) {
			continue
		}
		x.matched(&d, rule, n, &f)
		stopped = rule.stop && rule.mode == ModeEnforce
	}
	d.conclude(r, e)
	return d
}

// withFacts judges a rule again that depends on what the store knows.
func (x *exam) withFacts(f *chat.Facts, r *rule) bool {
	x.asked, x.joinedAt = true, f.JoinedAt
	t := x.stateless(r)
	x.asked = false
	return t == yes
}

// matched notes a rule that fits, and what it wants when it is enforced.
func (x *exam) matched(d *Decision, r *rule, n int, f *chat.Facts) {
	x.asked, x.joinedAt = true, f.JoinedAt
	d.Matches = append(d.Matches, chat.Match{Rule: r.id, Title: r.title, Mode: r.mode, Why: x.why(r, n)})
	if r.mode == ModeEnforce {
		x.want(d, r, n)
	}
	x.asked = false
}

// why says what was seen, without message text.
func (x *exam) why(r *rule, n int) string {
	var buf []byte
	if r.count != nil {
		buf = r.count.why(n, buf)
	}
	buf = r.when.why(x, buf)
	if len(buf) > 2 {
		buf = buf[2:] // each part begins with "; "
	}
	return string(buf)
}
