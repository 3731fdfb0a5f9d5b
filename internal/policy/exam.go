package policy

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// exam is the examination of one event: what was found so far, and buffers that go from one event
// to the next. Nothing in it outlives the event.
type exam struct {
	r        *Rules
	e        *chat.Event
	asked    bool      // the store was asked when the member joined
	joinedAt time.Time // what it said
	seen     []seen
	links    match.Links
	linked   bool
	excused  []span
}

// begin takes an examination from the pool.
func (r *Rules) begin(e *chat.Event) *exam {
	x := r.pool.Get().(*exam)
	x.e = e
	return x
}

// end gives the examination back, without what belongs to the event.
func (x *exam) end() {
	for i := range x.seen {
		x.seen[i].reset()
	}
	x.links.Reset()
	x.e, x.asked, x.joinedAt, x.linked, x.excused = nil, false, time.Time{}, false, x.excused[:0]
	x.r.pool.Put(x)
}

// stateless judges everything of a rule but its count: its exceptions first, then its conditions
// with what the exceptions leave over.
func (x *exam) stateless(r *rule) truth {
	x.excused = x.excused[:0]
	possible := yes
	for i := range r.exceptions {
		ex := &r.exceptions[i]
		if !ex.until.IsZero() && !x.e.At.Before(ex.until) {
			continue
		}
		kept := x.excused
		x.excused = nil // exceptions do not excuse one another
		t := ex.when.holds(x)
		x.excused = kept
		switch {
		case t == no:
		case t == maybe:
			possible = maybe
		case ex.inText && r.inText:
			x.excused = ex.when.spans(x, x.excused)
		default:
			return no
		}
	}
	seal(x.excused)
	return min(possible, r.when.holds(x))
}
