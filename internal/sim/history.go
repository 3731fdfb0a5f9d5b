package sim

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Call is one request that a provider's API received.
type Call struct {
	Provider Provider  `json:"provider"`
	API      string    `json:"api"` // "unknown" for one that does not exist
	At       time.Time `json:"at"`
	Group    string    `json:"group,omitempty"`
	Members  []string  `json:"members,omitempty"` // at most 500 of them
	Count    int       `json:"count,omitempty"`   // of members or messages that the call named
	Reason   string    `json:"reason,omitempty"`
	Silent   bool      `json:"silent,omitempty"`
	Seconds  uint32    `json:"seconds,omitempty"` // of a mute or ban
	Text     string    `json:"text,omitempty"`    // of a message sent
	Settings Settings  `json:"settings,omitempty"`
	Status   int       `json:"status"` // 0: the connection was cut
	Code     string    `json:"code"`   // "0" or "OK" for success; "fault" when a fault left none
	Fault    bool      `json:"fault,omitempty"`

	struck *Fault // nil: none
}

// Settings are what a call asked a group's settings to become, by their names.
type Settings map[string]string

// Violations counts what a client must never do. All zero is good.
type Violations struct {
	OwnerKicks    int `json:"owner_kicks"`    // the owner stood in a removal
	OwnerMutes    int `json:"owner_mutes"`    // the owner stood in a mute or ban
	AdminKicks    int `json:"admin_kicks"`    // an admin of the group stood in a removal, mute or ban
	BusinessKicks int `json:"business_kicks"` // the business number stood in a removal
	EmptyLists    int `json:"empty_lists"`    // a CAMS removal without members
	StaffRecalls  int `json:"staff_recalls"`  // a message of the owner or an admin was taken back
}

// maxRemovals bounds the removals that are kept per group.
const maxRemovals = 1 << 20

// history remembers calls in a ring, and removals apart from it, since tests ask for those after
// any number of calls.
type history struct {
	mu      sync.Mutex // guards the fields below
	size    int
	calls   []Call // a ring once it is full
	next    int    // where the ring's oldest call stands
	removed map[string][]string
	asked   map[string][]string
	broken  Violations
}

func (h *history) add(c Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.struck = nil
	if len(h.calls) < h.size {
		h.calls = append(h.calls, c)
		return
	}
	h.calls[h.next] = c
	h.next = (h.next + 1) % h.size
}

// removals notes a removal: who was asked for and who went. Both maps are bounded by the number of
// groups and maxRemovals.
func (h *history) removals(group string, asked, gone []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.removed == nil {
		h.removed, h.asked = map[string][]string{}, map[string][]string{}
	}
	if len(h.asked[group]) < maxRemovals {
		h.asked[group] = append(h.asked[group], asked...)
	}
	if len(h.removed[group]) < maxRemovals {
		h.removed[group] = append(h.removed[group], gone...)
	}
}

func (h *history) violate(change func(*Violations)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.broken)
}

// list returns the kept calls that pass, oldest first.
func (h *history) list(pass func(Call) bool) []Call {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Call
	for i := range h.calls {
		if c := h.calls[(h.next+i)%len(h.calls)]; pass(c) {
			out = append(out, c)
		}
	}
	return out
}

// History returns the kept calls, oldest first.
func (s *Server) History() []Call { return s.history.list(func(Call) bool { return true }) }

// Calls returns how many calls of an API have arrived, refused ones included.
func (s *Server) Calls(api string) int {
	calls, _ := s.windows.counts(api)
	return calls
}

// MaxWindow returns the most calls of an API, refused ones included, that arrived in any one
// second.
func (s *Server) MaxWindow(api string) int {
	_, most := s.windows.counts(api)
	return most
}

// MembersPerCall returns how many members, or messages, each kept call of an API named, oldest first.
func (s *Server) MembersPerCall(api string) []int {
	var out []int
	for _, c := range s.history.list(func(c Call) bool { return c.API == api }) {
		out = append(out, c.Count)
	}
	return out
}

// Removed returns the members that calls took out of a group, in order; in an AVChatRoom those whom
// calls silenced or banned. One who came back and was removed again stands in it twice. One who was
// not there does not.
func (s *Server) Removed(group string) []string {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return slices.Clone(s.history.removed[group])
}

// groupsRemoved returns the groups from which somebody was removed, by ID.
func (s *Server) groupsRemoved() []string {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return slices.Sorted(maps.Keys(s.history.removed))
}

// Asked returns the members that successful removals named, in order, there or not. What stands
// here more often than in Removed was asked for without need.
func (s *Server) Asked(group string) []string {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return slices.Clone(s.history.asked[group])
}

// Violations returns what clients did and must not do.
func (s *Server) Violations() Violations {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return s.history.broken
}
