package spool

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Contents is what a disk holds, for those who look.
type Contents struct {
	Depth
	Oldest  time.Time // when the first entry arrived; the zero time when there is none
	GivenUp []GivenUp // newest first
}

// GivenUp is an entry that was given up.
type GivenUp struct {
	ID    int64
	At    time.Time // when the webhook arrived
	Why   string
	Event chat.Event // as Outline gives it
}

// Outline returns who did what kind of thing where, and nothing of what was said or sent. It is the zero
// Event where the body is gone or cannot be read.
func Outline(body []byte) chat.Event {
	e, err := decode(body)
	if err != nil {
		return chat.Event{}
	}
	return chat.Event{Group: e.Group, ID: e.ID, Kind: e.Kind, Member: e.Member}
}
