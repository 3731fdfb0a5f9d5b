package guard

import (
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// lookBack is how long the end of a pause matters: a little less than it is stored, so that all
// replicas let go of it at the same time and not each when it reads again.
const lookBack = 23 * time.Hour

// scope is one count that a brake looks at: what a rule does in one group, or in all of them.
type scope struct {
	rule   chat.RuleID
	group  chat.Group // the empty group: all
	limit  int        // how many removals are fine
	within time.Duration
	// windows are what the store counts in; the last one decides. The first is the scope's own for
	// ever. For about a day after a pause was lifted there is a second one that began then. When it
	// goes, the first one has long been counting the same.
	windows []chat.Window

	asked int // in this round
	count int // past the limit; 0: not past it
}

// newScope returns a scope that counts anew since a pause was lifted (zero: there was none).
func newScope(s scope, resumed, now time.Time) *scope {
	w := chat.Window{
		ID: "brake " + string(s.rule), Key: "everywhere", Limit: s.limit + 1, Within: s.within,
	}
	if s.group != (chat.Group{}) {
		w.Key = chat.Digest("group", string(s.group.Provider), string(s.group.Account), string(s.group.ID))
		w.Group = &s.group
	}
	s.windows = []chat.Window{w}
	if age := now.Sub(resumed); !resumed.IsZero() && (age < lookBack || age < s.within) {
		w.Key += " " + strconv.FormatInt(resumed.UnixMicro(), 10)
		s.windows = append(s.windows, w)
	}
	return &s
}

// full tells whether a further action is past the limit if those asked about in this round are new to
// the window. What is asked beyond that is not counted, so that a flood in one group does not fill
// the count over all groups.
func (s *scope) full() bool { return s.asked > s.limit }

func (s *scope) tripped() bool { return s.count > 0 }

func (s *scope) ruling() actions.Ruling {
	where := " in all groups"
	if s.group != (chat.Group{}) {
		where = " in this group"
	}
	return actions.Ruling{
		State: actions.Held, Code: "brake",
		Text: "rule " + string(s.rule) + " is past its brake" + where + ": more than " + strconv.Itoa(s.limit) + " within " + s.within.String(),
	}
}

// pause returns the pause that follows.
func (s *scope) pause(now time.Time) pause {
	p := pause{
		Rule: s.rule, By: chat.PausedByBrake, At: now,
		Why: strconv.Itoa(s.count) + " within " + s.within.String() + ", " + strconv.Itoa(s.limit) + " are fine",
	}
	if s.group != (chat.Group{}) {
		p.Group = &s.group
	}
	return p
}

// trip returns what is told of the scope.
func (s *scope) trip() Trip {
	t := Trip{Rule: s.rule, Kind: chat.Remove, Count: s.count, Limit: s.limit, Within: s.within}
	if s.group != (chat.Group{}) {
		t.Group = &s.group
	}
	return t
}

// eventOf returns what a removal counts as: its member, once in each slot of the window's length by the
// time when it was accepted, so that who is removed again and again is one person, and who is removed
// long after is one again. An action that is ruled on twice, because a process died, is the same
// event.
func eventOf(a *chat.Action, resumed time.Time, within time.Duration) chat.EventID {
	slot := a.Received.UnixMicro() / max(within.Microseconds(), 1)
	since := int64(0)
	if !resumed.IsZero() {
		since = resumed.UnixMicro()
	}
	return chat.EventID(chat.Digest("remove", string(a.Group.Provider), string(a.Group.Account), string(a.Group.ID), string(a.Member),
		strconv.FormatInt(slot, 10), strconv.FormatInt(since, 10)))
}
