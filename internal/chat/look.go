package chat

import "time"

// Window is one sliding count, or trail, that a rule keeps.
type Window struct {
	ID     string        // names the counter across reloads: the rule and what it counts
	Key    string        // whom it counts for: opaque, the rule's "per" values of this event
	Group  *Group        // the group it belongs to; nil when it spans groups
	Limit  int           // the threshold; a store need not count far beyond it
	Within time.Duration // its length: an event exactly Within older is outside
	// Add is how much the event counts for, from 1 to Limit; zero stands for 1.
	Add int
	// Note, when not empty, makes the window a trail: the store keeps the note (opaque bytes, at most
	// MaxNote of them) with the event, and answers with the other events' notes instead of a count.
	Note string
}

// MaxNote is how many bytes a note may have.
const MaxNote = 1024

// Entry is one event on a trail.
type Entry struct {
	At    time.Time
	Event string // stands for the event: the same on every trail that holds it, and on no other
	Note  string
}

// Look is what one event asks of the store before it is judged: counts to add the event to and
// read, and join times to keep or to read.
type Look struct {
	Event   EventID
	Group   Group
	Member  MemberID
	Kind    Kind
	At      time.Time
	Peek    bool // count the event without adding it: it has not happened yet
	Windows []Window
	// Joined asks for the member's last join time (on a message).
	Joined bool
	// KeepJoin is how long the join time is to be kept (on a join); zero: not at all. A join also
	// lifts the deduplication of the member's actions that were decided before it, and is remembered
	// for a while after that: see Committed.Known.
	KeepJoin time.Duration
	// Exact tells (of a join) that the member joined at At, and not only by then. What the member did more
	// than a few seconds before such a join is settled: nothing is queued for it, even if nothing had been
	// decided about the member.
	Exact bool
}

// Empty tells whether there is nothing to ask.
func (l *Look) Empty() bool { return len(l.Windows) == 0 && !l.Joined && (l.Kind != Join || l.Peek) }

// Facts are the store's answers to one Look.
type Facts struct {
	// Counts is parallel to Look.Windows: the most that any span of the window's length holds which
	// also holds this event, each event with what it adds. It is exact up to the window's Limit, and 0
	// for a trail. An event that stands in the window already is told what it was told at first, up to
	// Limit, whatever has come since.
	Counts []int
	// Trails is parallel to Look.Windows, nil where the window is no trail; it may be nil as a whole
	// when none is. A trail is answered with the entries of other events that are less than its length
	// before or after this one, oldest first. Entries that no exact answer needs may be missing: one
	// whose note stands on the trail both before and after it, these two at most a length apart; and
	// all but the latest 4*Limit. An event that stands on the trail already is answered with those only
	// that were added before it.
	Trails   [][]Entry
	JoinedAt time.Time // zero: unknown
}

// Committed says what became of one case.
type Committed struct {
	// Known is set when the case was stored before. Then nothing is done, but for one thing: an
	// action that was deduplicated at that time is queued now, once, if its member joined between
	// the action in its way and this event, and the store learned of the join afterwards.
	Known        bool
	Queued       int      // actions put on the queue by this call, of a known case too
	Deduplicated []Action // empty when the case is known
	// Strikes is what the member's ladder held once the case had stepped it; of a known case, what it
	// held when the case was stored. Zero for a case without a strike.
	Strikes int
}
