package desk

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// SpoolList says what the spool of a bot holds.
type SpoolList struct {
	Entries int64     `json:"entries"` // events that wait
	Bytes   int64     `json:"bytes"`   // that they take
	Most    int64     `json:"most"`    // that they may take
	Oldest  time.Time `json:"oldest,omitzero"`
	GivenUp []GivenUp `json:"given_up"` // newest first
	More    bool      `json:"more,omitempty"`
}

// GivenUp is an event that the spool has given up, without its text. Where its body is gone or cannot be
// read, only ID, time and reason are known.
type GivenUp struct {
	ID          int64         `json:"id"` // as the log has it
	Received    time.Time     `json:"received"`
	Kind        chat.Kind     `json:"kind,omitempty"`
	*chat.Group               // provider, account, group; nil: not known
	Member      chat.MemberID `json:"member,omitempty"`
	Event       chat.EventID  `json:"event,omitempty"`
	Why         string        `json:"why"`
}
