package policy

import (
	"math/bits"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/fold"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// Exam is the examination of one event, in three steps: Look says what must be asked of the store,
// Learn takes the answer, and both are repeated until there is nothing to ask; then Judge decides.
// All of it is pure. An Exam is not safe for concurrent use, and must be given back with Release.
type Exam struct {
	r        *Rules
	e        *chat.Event
	asked    bool      // the store was asked about the member
	joinedAt time.Time // when the member joined, says the store
	before   int       // messages of the member before this one, says the store
	surveyed bool
	looked   bool // the first look was taken
	fits     []candidate
	windows  []chat.Window // of all looks so far
	counts   []int         // parallel to windows, as far as they were answered
	trails   [][]chat.Entry

	seen    []seen
	bits    []uint64
	links   match.Links
	linked  bool
	excused []span
	traced  int // what the trace of the case holds already

	presence presence // of the view that was last asked for

	name  fold.Text // the member's
	named bool
	file  fold.Text // of one file at a time
	cels  []celAnswer
	// doubt is what a condition says that cannot be judged: no, but yes in an exception and once more
	// the other way round under not, so that it excuses the member.
	doubt truth
	// spanless makes conditions that find stretches of text say no: what else a condition sees then
	// decides alone.
	spanless bool
}

// candidate is a rule that fits the event, or may, without what it counts.
type candidate struct {
	rule     *rule
	t        truth
	asked    bool // its windows are among those of the examination
	from, to int  // which ones
}

// Examine begins the examination of one event, which must not change before Release.
func (r *Rules) Examine(e *chat.Event) *Exam {
	x := r.pool.Get().(*Exam)
	x.e = e
	return x
}

// Release gives the examination back, without what belongs to the event.
func (x *Exam) Release() {
	for i := range x.seen {
		x.seen[i].reset()
	}
	x.links.Reset()
	x.name.Reset()
	x.file.Reset()
	clear(x.cels)
	clear(x.fits)
	clear(x.windows)
	clear(x.trails)
	*x = Exam{
		r: x.r, seen: x.seen, bits: x.bits, links: x.links, excused: x.excused[:0], fits: x.fits[:0],
		windows: x.windows[:0], counts: x.counts[:0], trails: x.trails[:0],
		name: x.name, file: x.file, cels: x.cels,
	}
	x.r.pool.Put(x)
}

// historyWithin is how far back messages_under looks.
const historyWithin = 30 * 24 * time.Hour

// maxHistory bounds messages_under. The window is kept for every member who writes.
const maxHistory = 200

// Look returns what the store has to be asked next. A window is asked for only when everything else
// in its rule holds: what does not fit a rule's other conditions is not counted. What depends on the
// store's facts about the member is therefore asked first. An empty Look ends the questions.
func (x *Exam) Look() chat.Look {
	e := x.e
	look := chat.Look{Event: e.ID, Group: e.Group, Member: e.Member, Kind: e.Kind, At: e.At}
	look.Peek = e.Kind == chat.Join && e.Asked || e.Refused
	if !x.looked {
		x.looked = true
		if e.Kind == chat.Join && !e.Asked && !e.Late {
			look.KeepJoin = x.r.keepJoin
		}
		look.Exact = e.Kind == chat.Join && exact(e)
	} else {
		look.Kind = "" // a join is told once
	}
	if x.r.spares(e) {
		return look
	}
	x.survey()
	from := len(x.windows)
	if x.r.history > 0 && !x.asked && e.Kind == chat.Message && !e.Late {
		g := e.Group
		x.windows = append(x.windows, chat.Window{
			ID: "member:messages", Key: key(string(e.Provider), string(e.Account), string(g.ID), string(e.Member)), Group: &g,
			Limit: x.r.history + 1, Within: historyWithin,
		})
	}
	for i := range x.fits {
		x.ask(&x.fits[i], &look)
	}
	look.Windows = x.windows[from:]
	return look
}

// exact tells whether an event happened at its time, and not only by then. Members who are found by
// comparing lists, and events that tell no time, have the time at which we heard of them.
func exact(e *chat.Event) bool {
	return e.Provider == chat.Tencent && !e.Late && !e.At.Equal(e.Received)
}

// ask adds what one candidate needs to know.
func (x *Exam) ask(c *candidate, look *chat.Look) {
	switch {
	case c.t == maybe && !x.asked:
		look.Joined = true
		return
	case c.t == maybe:
		c.t = x.stateless(c.rule)
	}
	if c.t == yes && c.rule.counter != nil && !c.asked {
		c.asked, c.from = true, len(x.windows)
		x.excuse(c.rule) // what is excused does not count
		x.windows = c.rule.counter.windows(x, c.rule, x.windows)
		c.to = len(x.windows)
	}
}

// Learn takes the store's answer to the last Look.
func (x *Exam) Learn(f chat.Facts) {
	first := !x.asked && x.r.history > 0 && x.e.Kind == chat.Message && !x.e.Late
	done := len(x.counts)
	for i := range len(x.windows) - done {
		n, trail := 0, []chat.Entry(nil)
		if i < len(f.Counts) {
			n = f.Counts[i]
		}
		if i < len(f.Trails) {
			trail = f.Trails[i]
		}
		x.counts, x.trails = append(x.counts, n), append(x.trails, trail)
	}
	if !x.asked {
		x.asked, x.joinedAt = true, f.JoinedAt
		if x.before = -1; first && len(x.counts) > done && x.counts[done] > 0 {
			x.before = x.counts[done] - 1 // the event itself is counted
		}
	}
}

// survey finds the rules that fit the event, or may.
func (x *Exam) survey() {
	if x.surveyed {
		return
	}
	x.surveyed = true
	for w, set := range x.open() {
		for ; set != 0; set &= set - 1 {
			r := x.r.index.rules[w*64+bits.TrailingZeros64(set)]
			if !r.applies(x.e) || r.uncounted(x.e) {
				continue
			}
			if t := x.stateless(r); t != no {
				x.fits = append(x.fits, candidate{rule: r, t: t})
			}
		}
	}
}

// stateless judges everything of a rule but what it counts: its exceptions first, then its
// conditions with what the exceptions leave over.
func (x *Exam) stateless(r *rule) truth {
	if r.excusesSlowly() {
		if x.excused = x.excused[:0]; r.when.holds(x) == no {
			return no
		}
	}
	possible := x.excuse(r)
	if possible == no {
		return no
	}
	return min(possible, r.when.holds(x))
}

// excuse collects the stretches of text that the rule's exceptions excuse. It returns no when one of
// them excuses the event as a whole, and maybe when one may.
func (x *Exam) excuse(r *rule) truth {
	x.excused = x.excused[:0]
	possible := yes
	for i := range r.exceptions {
		ex := &r.exceptions[i]
		if ex.expired(x.e.At) {
			continue
		}
		switch t := x.excepted(ex); {
		case t == no:
		case t == maybe:
			possible = maybe
		case ex.inText && r.inText:
			switch x.beside(ex) {
			case yes:
				return no
			case maybe:
				possible = maybe
			}
			kept := x.excused
			x.excused, x.doubt = nil, yes
			x.excused, x.doubt = ex.when.spans(x, kept), no
		default:
			return no
		}
	}
	seal(x.excused)
	return possible
}

// beside judges an exception by what it sees beside stretches of text. What it finds there excuses
// those stretches; what it sees elsewhere excuses the event.
func (x *Exam) beside(ex *exception) truth {
	x.spanless = true
	t := x.excepted(ex)
	x.spanless = false
	return t
}

// excepted judges an exception. Exceptions do not excuse one another.
func (x *Exam) excepted(ex *exception) truth {
	kept := x.excused
	x.excused, x.doubt = nil, yes
	t := ex.when.holds(x)
	x.excused, x.doubt = kept, no
	return t
}
