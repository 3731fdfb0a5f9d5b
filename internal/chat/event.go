package chat

import "time"

// Kind says what happened.
type Kind string

// The kinds of events.
const (
	Message Kind = "message"
	Join    Kind = "join"
	Leave   Kind = "leave"
)

// Media kinds of message elements, as rules.yaml names them.
const (
	Image    = "image"
	Video    = "video"
	Audio    = "audio"
	File     = "file"
	Sticker  = "sticker"
	Location = "location"
	Contact  = "contact"
	Custom   = "custom"
	Forward  = "forward"
)

// JoinKind says how somebody came into a group.
type JoinKind string

// The ways to join.
const (
	Applied JoinKind = "apply"
	Invited JoinKind = "invited"
)

// Event is one thing that a member did, in one group. Its JSON form is that of recorded events.
type Event struct {
	At time.Time `json:"at"` // when it happened, by the provider's clock; never zero, never ahead of Received
	Group
	GroupType GroupType `json:"group_type,omitempty"`
	Topic     string    `json:"topic,omitempty"`
	ID        EventID   `json:"id,omitempty"`
	Kind      Kind      `json:"kind"`
	Member    MemberID  `json:"member"`
	Name      string    `json:"name,omitempty"`
	Text      string    `json:"text,omitempty"`  // all text of all elements, joined by line feeds
	Media     []string  `json:"media,omitempty"` // kinds of the elements that are not text
	Files     []string  `json:"files,omitempty"` // file names
	Mentions  []string  `json:"mentions,omitempty"`
	AtAll     bool      `json:"at_all,omitempty"` // everybody is mentioned
	// Message is what the provider calls the message when it is to be taken back; empty when that is
	// not known (yet).
	Message  string    `json:"message,omitempty"`
	JoinedAt time.Time `json:"joined_at,omitzero"`
	Inviter  MemberID  `json:"inviter,omitempty"`
	JoinKind JoinKind  `json:"join_kind,omitempty"`
	// Asked is set when the provider waits for our answer before it lets the event happen. An
	// asked join is a request: the member is not in the group yet.
	Asked bool `json:"asked,omitempty"`
	// Answered is set when the event is judged after the provider had its answer: nothing can be refused
	// any more, and everything else is decided as it would have been.
	Answered bool `json:"-"`
	// Refused is set when that answer was a refusal by nobody's judgement, since nothing could be judged
	// then. Nobody has seen the event, and who was refused so tries again: it is counted nowhere, and only
	// rules on what it says act on it.
	Refused bool `json:"refused,omitempty"`
	// Late is set when the event was found after a gap: when it happened is not known, so it is
	// counted nowhere and its member counts as having joined long ago.
	Late bool `json:"late,omitempty"`
	// Trusted is set when the event came from the operator's own side (an app admin through REST,
	// the business number, the bot itself). It is never judged.
	Trusted  bool      `json:"trusted,omitempty"`
	Received time.Time `json:"-"` // when the webhook arrived, by our clock
}

// Verdict is the answer to an asked event.
type Verdict struct {
	Block bool
	Code  int    // 0, or the code of the rule that blocks (10100 to 10200)
	Text  string // what the sender is shown with Code
}
