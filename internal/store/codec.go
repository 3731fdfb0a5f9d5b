package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// stored is a queued action as both stores keep it. JSON replaces bytes that are not UTF-8, and a
// replaced byte in an ID would name somebody else: such IDs travel beside it as they are.
type stored struct {
	chat.Action
	Raw *rawIDs `json:"raw,omitempty"`
}

type rawIDs struct {
	Account []byte `json:"account"`
	Group   []byte `json:"group"`
	Member  []byte `json:"member"`
}

// MarshalAction returns the stored form of an action.
func MarshalAction(a chat.Action) ([]byte, error) {
	s := stored{Action: a}
	if !utf8.ValidString(string(a.Group.Account)) || !utf8.ValidString(string(a.Group.ID)) || !utf8.ValidString(string(a.Member)) {
		s.Raw = &rawIDs{Account: []byte(a.Group.Account), Group: []byte(a.Group.ID), Member: []byte(a.Member)}
	}
	body, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding action %s: %w", a.ID, err)
	}
	return body, nil
}

// Audited returns a case as the audit keeps it: without what repeats the event's text. The text itself
// is kept apart, and not for as long.
func Audited(c *chat.Case) chat.Case {
	out := *c
	out.Event.Text = ""
	out.Intents = slices.Clone(c.Intents)
	for i := range out.Intents {
		if out.Intents[i].Quotes {
			out.Intents[i].Reason = ""
		}
	}
	return out
}

// UnmarshalAction reads the stored form of an action.
func UnmarshalAction(body []byte) (chat.Action, error) {
	var s stored
	if err := json.Unmarshal(body, &s); err != nil {
		return chat.Action{}, fmt.Errorf("decoding a stored action: %w: %w", ErrDamaged, err)
	}
	if r := s.Raw; r != nil {
		s.Group.Account, s.Group.ID = chat.Account(r.Account), chat.GroupID(r.Group)
		s.Member = chat.MemberID(r.Member)
	}
	return s.Action, nil
}
