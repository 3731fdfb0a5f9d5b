package desk

import (
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Selection says which letters are meant: those that fit all that is given.
type Selection struct {
	IDs    []string    `json:"ids,omitempty"` // codes or IDs of cases, with their parts, or IDs of actions: any of them
	Rule   chat.RuleID `json:"rule,omitempty"`
	Group  string      `json:"group,omitempty"`  // ID, or provider:ID
	Member string      `json:"member,omitempty"` // ID, or provider:ID
	All    bool        `json:"all,omitempty"`    // every letter; alone only
	// Before leaves out letters that were put on the shelf later; zero: none. A caller who repeats a
	// bounded request gives the same time each time, so that what comes back does not go round.
	Before time.Time `json:"before,omitzero"`
}

// maxIDs is how many IDs a selection may have.
const maxIDs = 500

// Empty tells whether nothing is selected.
func (s *Selection) Empty() bool {
	return len(s.IDs) == 0 && s.Rule == "" && s.Group == "" && s.Member == ""
}

// check returns what is wrong with a selection that something is to be done with.
func (s *Selection) check() error {
	switch {
	case s.Empty() && !s.All:
		return &Error{Mistaken, "nothing is selected: name codes, a rule, a group or a member, or say that all are meant"}
	case !s.Empty() && s.All:
		return &Error{Mistaken, "all are meant, and some are named: keep one of both"}
	}
	_, err := s.matcher()
	return err
}

// matcher returns what tells whether a letter is selected; without anything given, all are.
func (s *Selection) matcher() (func(*actions.Letter) bool, error) {
	if len(s.IDs) > maxIDs {
		return nil, &Error{Mistaken, fmt.Sprintf("%d codes are over %d", len(s.IDs), maxIDs)}
	}
	ids, codes := map[string]bool{}, map[string]bool{}
	for _, name := range s.IDs {
		switch code := chat.NormalCode(name); {
		case isID(name):
			ids[name] = true
		case isCode(code):
			codes[code] = true
		default:
			return nil, &Error{Mistaken, fmt.Sprintf("%q is neither a code of a case (8 letters and digits) nor an ID (32 hexadecimal digits)", clip(name))}
		}
	}
	return func(l *actions.Letter) bool {
		a := &l.Action
		switch {
		case !s.Before.IsZero() && l.At.After(s.Before),
			s.Rule != "" && a.Intent.Rule != s.Rule,
			s.Group != "" && !isGroup(a.Group, s.Group),
			s.Member != "" && !isMember(a.Group.Provider, a.Member, s.Member):
			return false
		case len(s.IDs) == 0, ids[string(a.ID)], ids[string(a.Case)], a.Of != "" && ids[string(a.Of)]:
			return true
		case len(codes) == 0:
			return false
		}
		return codes[a.Case.Code()] || a.Of != "" && codes[a.Of.Code()]
	}, nil
}
