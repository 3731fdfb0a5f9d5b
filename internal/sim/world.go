package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Group types as Tencent writes them on the wire, and the one of WhatsApp.
const (
	Private    = "Private"
	Public     = "Public"
	ChatRoom   = "ChatRoom"
	AVChatRoom = "AVChatRoom"
	Community  = "Community"
	WhatsApp   = "WhatsApp"
)

// Group describes a group, to make one or as it stands.
type Group struct {
	Provider Provider          `json:"provider"`
	ID       string            `json:"id"`
	Type     string            `json:"type"`
	Name     string            `json:"name,omitempty"`
	Owner    string            `json:"owner,omitempty"`
	Admins   []string          `json:"admins,omitempty"`
	Members  []string          `json:"members"` // owner and admins need not be listed
	Muted    map[string]uint32 `json:"muted,omitempty"`
	Banned   map[string]uint32 `json:"banned,omitempty"`
	MuteAll  bool              `json:"mute_all,omitempty"`
	Joining  string            `json:"joining,omitempty"`  // ApplyJoinOption at Tencent
	Inviting string            `json:"inviting,omitempty"` // InviteJoinOption at Tencent
	Link     string            `json:"link,omitempty"`     // invite link at CAMS
}

// forever is the MuteTime that never ends
// (https://www.tencentcloud.com/document/product/1047/34951).
const forever = 4294967295

// World is the groups of both providers. It is safe for concurrent use; webhooks are sent without
// its lock.
type World struct {
	server *Server
	mu     sync.Mutex // guards the fields below and every group
	groups map[string]*group
	rng    *rand.Rand
	serial uint64 // of CAMS messages
	links  int
}

type group struct {
	Group   // Members, Admins, Muted and Banned of it are unused: the maps below hold them
	created time.Time
	admins  map[string]bool
	members map[string]member
	joins   int      // counts joins, to list members in their order
	sorted  []string // cache of the member list; nil when stale
	muted   map[string]uint32
	banned  map[string]uint32
	seqs    map[string]uint32 // the last number of each topic
	heard   time.Time         // when a member last said something
	kept    []Said            // the last messages
	leaving map[string]int    // CAMS: removed, and still listed so many times
	gone    map[string]bool
}

type member struct {
	joined time.Time
	order  int
	said   time.Time
}

// AddGroup makes a group without any webhook: its members have been there for long.
func (w *World) AddGroup(g Group) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case g.ID == "":
		return fmt.Errorf("adding a group: it has no ID")
	case w.groups[g.ID] != nil:
		return fmt.Errorf("adding group %q: there is one", g.ID)
	case len(w.groups) >= maxGroups:
		return fmt.Errorf("adding group %q: there are %d already", g.ID, maxGroups)
	case (g.Provider == CAMS) != (g.Type == WhatsApp):
		return fmt.Errorf("adding group %q: provider %q has no type %q", g.ID, g.Provider, g.Type)
	case g.Provider == Tencent && !slices.Contains([]string{Private, Public, ChatRoom, AVChatRoom, Community}, g.Type):
		return fmt.Errorf("adding group %q: no such type %q", g.ID, g.Type)
	case g.Provider != Tencent && g.Provider != CAMS:
		return fmt.Errorf("adding group %q: no such provider %q", g.ID, g.Provider)
	}
	now := w.server.now()
	n := &group{
		Group: g, created: now.Add(-30 * 24 * time.Hour), admins: map[string]bool{}, members: map[string]member{},
		muted: map[string]uint32{}, banned: map[string]uint32{}, leaving: map[string]int{}, gone: map[string]bool{}, seqs: map[string]uint32{},
	}
	n.Members, n.Admins, n.Muted, n.Banned = nil, nil, nil, nil
	if g.Provider == CAMS && g.Link == "" {
		n.Link = w.newLink()
	}
	if g.Owner != "" {
		n.put(g.Owner, n.created)
	}
	for _, a := range g.Admins {
		n.admins[a] = true
		n.put(a, n.created)
	}
	for _, m := range g.Members {
		n.put(m, n.created)
	}
	if err := n.full(0); err != nil {
		return fmt.Errorf("adding group %q: %w", g.ID, err)
	}
	w.groups[g.ID] = n
	return nil
}

// put makes somebody a member. The caller holds the world's lock.
func (g *group) put(id string, at time.Time) {
	if _, there := g.members[id]; there {
		return
	}
	g.joins++
	g.members[id] = member{joined: at, order: g.joins}
	g.sorted = nil
}

// take takes somebody out and reports whether he was there.
func (g *group) take(id string) bool {
	if _, there := g.members[id]; !there {
		return false
	}
	delete(g.members, id)
	delete(g.admins, id)
	g.sorted = nil
	return true
}

// full reports whether more members do not fit.
func (g *group) full(more int) error {
	limit := maxMembers
	if g.Provider == CAMS {
		limit = maxParticipants
	}
	if len(g.members)+more > limit {
		return fmt.Errorf("the group holds %d members at most", limit)
	}
	return nil
}

// list returns the members in the order in which they came. The caller must not change it.
func (g *group) list() []string {
	if g.sorted == nil {
		g.sorted = slices.SortedFunc(maps.Keys(g.members), func(a, b string) int {
			return cmp.Compare(g.members[a].order, g.members[b].order)
		})
	}
	return g.sorted
}

func (g *group) role(id string) string {
	_, there := g.members[id]
	switch {
	case !there:
		return "NotMember"
	case id == g.Owner:
		return "Owner"
	case g.admins[id]:
		return "Admin"
	}
	return "Member"
}

// silent reports whether somebody is muted.
func (g *group) silent(id string, now time.Time) bool {
	until, ok := g.muted[id]
	return ok && (until == forever || now.Unix() < int64(until))
}

// out reports whether somebody may not come back.
func (g *group) out(id string, now time.Time) bool {
	until, ok := g.banned[id]
	return g.gone[id] || ok && (until == forever || now.Unix() < int64(until))
}

// find returns a group. The caller holds the lock.
func (w *World) find(id string) (*group, error) {
	if g := w.groups[id]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("no group %q", id)
}

// Has reports whether somebody is a member of a group now.
func (w *World) Has(group, member string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[group]
	if g == nil {
		return false
	}
	_, there := g.members[member]
	return there
}

// Muted reports whether somebody cannot speak in a group now.
func (w *World) Muted(group, member string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[group]
	return g != nil && g.silent(member, w.server.now())
}

// Groups returns all groups as they stand, by ID.
func (w *World) Groups() []Group {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Group, 0, len(w.groups))
	for _, id := range slices.Sorted(maps.Keys(w.groups)) {
		g := w.groups[id]
		s := g.Group
		s.Members, s.Admins = slices.Clone(g.list()), slices.Sorted(maps.Keys(g.admins))
		s.Muted, s.Banned = maps.Clone(g.muted), maps.Clone(g.banned)
		out = append(out, s)
	}
	return out
}

// Members returns a group's members in the order in which they came.
func (w *World) Members(group string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g := w.groups[group]; g != nil {
		return slices.Clone(g.list())
	}
	return nil
}

// Messages returns the last messages that were delivered in a group, at most 1,000.
func (w *World) Messages(group string) []Said {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g := w.groups[group]; g != nil {
		return slices.Clone(g.kept)
	}
	return nil
}

// newLink returns an invite link that no group has had. The caller holds the lock.
func (w *World) newLink() string {
	w.links++
	return fmt.Sprintf("https://chat.whatsapp.com/Simulated%06d", w.links)
}
