package trial

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Bounds of a report.
const (
	maxBad     = 20  // bad lines that are told one by one
	maxMembers = 100 // members that are named for a rule
	// Of all rules together: samples, members that are named, and the bytes of each of the two.
	maxRows     = 50_000
	maxRowBytes = 8 << 20
)

// longTime is how long somebody has been in a group whose removal a report points out.
const longTime = 90 * 24 * time.Hour

// lateBy is how much earlier than the line before a line may be without being called out of order.
const lateBy = time.Minute

// Report is what rules would have done to recorded events.
type Report struct {
	Hash        string       `json:"rules_hash"`
	Events      Events       `json:"events"`
	Interrupted bool         `json:"interrupted,omitempty"`
	Rules       []RuleReport `json:"rules"`
	Removed     Tally        `json:"members_removed"` // a member of two groups counts twice
	LongTime    LongTime     `json:"members_removed_after_90_days"`
	Against     *Difference  `json:"against,omitempty"`
	// SamplesCut is set when fewer samples are shown than were asked for: all rules share a bound.
	SamplesCut bool        `json:"samples_cut,omitempty"`
	Bad        []*BadEvent `json:"-"` // the first ones
}

// Events is what was read.
type Events struct {
	Total     int       `json:"total"`
	Messages  int       `json:"messages"`
	Joins     int       `json:"joins"`
	Leaves    int       `json:"leaves"`
	NotJudged int       `json:"not_judged"` // exempt members, the operator's side, leaves
	Late      int       `json:"out_of_order"`
	Bad       int       `json:"bad_lines"`
	Unknown   int       `json:"with_unknown_keys"`
	Groups    Tally     `json:"groups"`
	Members   Tally     `json:"members"`
	From      time.Time `json:"from,omitzero"`
	To        time.Time `json:"to,omitzero"`
}

// RuleReport is what one rule would have done.
type RuleReport struct {
	Rule  chat.RuleID `json:"rule"`
	Title string      `json:"title,omitempty"`
	Mode  string      `json:"mode"`
	Wants []string    `json:"wants"`
	// Rehearsed is set of a rule in shadow that was judged as if it were enforced.
	Rehearsed bool  `json:"rehearsed,omitempty"`
	Hits      int   `json:"hits"` // events that it fits, each once
	Members   Tally `json:"members"`
	Groups    Tally `json:"groups"`
	// Done and Deduplicated count its intents: those that would have been carried out, and those that
	// stood on the list already. A rule in shadow has none, unless it is rehearsed.
	Done         map[chat.IntentKind]int `json:"done,omitempty"`
	Deduplicated map[chat.IntentKind]int `json:"deduplicated,omitempty"`
	Removed      []Removal               `json:"removed,omitempty"` // the first ones
	// Braked is set of a rule that goes past its brake. Done counts what that would have held as well.
	Braked  *Braked  `json:"braked,omitempty"`
	Samples []Sample `json:"samples,omitempty"`
}

// Braked is what a rule's brake would have held, had nobody ended the pause.
type Braked struct {
	At         time.Time `json:"at"` // when the rule would have been paused first
	Removals   int       `json:"removals"`
	Within     string    `json:"within"`
	Groups     int       `json:"groups"`               // that it would have been paused in
	Everywhere bool      `json:"everywhere,omitempty"` // it would have been paused in all of them
	Held       int       `json:"held"`                 // removals from then on
}

// Removal is one member who would have been removed.
type Removal struct {
	Provider chat.Provider `json:"provider"`
	Group    chat.GroupID  `json:"group"`
	Member   chat.MemberID `json:"member"`
	At       time.Time     `json:"at"`
}

// Sample is one event as a report shows it.
type Sample struct {
	Code     string        `json:"code"`
	At       time.Time     `json:"at"`
	Rule     chat.RuleID   `json:"rule"`
	Mode     string        `json:"mode"`
	Provider chat.Provider `json:"provider"`
	Group    chat.GroupID  `json:"group"`
	Member   chat.MemberID `json:"member"`
	Why      string        `json:"why,omitempty"`
	Text     string        `json:"text,omitempty"` // only when it was asked for
}

// LongTime counts members who would have been removed though they have been in the group for long, by
// how that is known.
type LongTime struct {
	Members   Tally     `json:"members"`
	JoinedAt  int       `json:"by_joined_at"`  // their event says when they joined
	Join      int       `json:"by_join"`       // the recording has their join
	FirstSeen int       `json:"by_first_seen"` // the recording has an event of theirs from before
	Samples   []Removal `json:"samples,omitempty"`
}

// Difference is what only one of two rules files would have acted on.
type Difference struct {
	Hash       string           `json:"rules_hash"` // of the other file
	OnlyNew    Side             `json:"only_new"`
	OnlyOld    Side             `json:"only_old"`
	Both       int              `json:"cases_of_both"`
	Rules      []RuleDifference `json:"rules"`
	Incomplete bool             `json:"incomplete,omitempty"` // too many members to compare all
}

// Side is what only one of two rules files would have acted on.
type Side struct {
	Cases   int      `json:"cases"`
	Members int      `json:"members"`
	Samples []Sample `json:"samples,omitempty"`
}

// RuleDifference counts events that an enforced rule fits in one file only.
type RuleDifference struct {
	Rule    chat.RuleID `json:"rule"`
	OnlyNew int         `json:"only_new"`
	OnlyOld int         `json:"only_old"`
}

// room is how much may still be shown.
type room struct{ rows, bytes int }

// take takes the place of a row with these texts; false when there is none.
func (r *room) take(texts ...string) bool {
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	if r.rows < 1 || r.bytes < size {
		return false
	}
	r.rows, r.bytes = r.rows-1, r.bytes-size
	return true
}
