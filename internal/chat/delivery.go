package chat

import "time"

// Delivery is one webhook, decoded.
type Delivery struct {
	// Name says what was delivered, from a bounded set: it is a metric label.
	Name   string
	Events []Event
}

// Refusal is an error that says a webhook was not let in. Reason comes from a bounded set and
// repeats nothing of the request.
type Refusal struct {
	Status int    // HTTP status to answer with
	Reason string // metric label and log text, such as "bad signature"
}

func (r *Refusal) Error() string { return r.Reason }

// Roster is the member list of a group as it was last seen, kept to find out who joined.
type Roster struct {
	Version int64      `json:"version"` // counts the changes; 0: never seen
	Members []MemberID `json:"members"`
}

// Answer is what a provider said to one action.
type Answer struct {
	Action    ActionID   `json:"action"`
	Kind      IntentKind `json:"kind"`
	Member    MemberID   `json:"member,omitempty"`
	State     string     `json:"state"` // an actions.State, or deduplicated
	API       string     `json:"api,omitempty"`
	Code      string     `json:"code,omitempty"`
	Text      string     `json:"text,omitempty"`
	RequestID string     `json:"request_id,omitempty"`
	At        time.Time  `json:"at"`
}

// Record is a case as the audit keeps it.
type Record struct {
	Case    Case `json:"case"`
	Strikes int  `json:"strikes,omitempty"` // Committed.Strikes
	// Fingerprint stands for the event's text: equal texts have equal ones. The text itself is kept
	// only as long as the store was told; after that, the case has none.
	Fingerprint string   `json:"fingerprint,omitempty"`
	Answers     []Answer `json:"answers"`
}
