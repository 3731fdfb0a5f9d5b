package cams

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Bounds of the roster.
const (
	maxGroups   = 10_000 // groups of one number
	pollers     = 4      // polls at once, so that a slow one does not hold the rest
	refindAfter = 10     // intervals between two readings of the list of groups
	maxSkip     = 64     // intervals that a failing group is left alone at most
)

// Members reads groups and their members. *Client is one.
type Members interface {
	ListChatGroupParticipants(ctx context.Context, g chat.GroupID) ([]chat.MemberID, error)
	ListChatGroup(ctx context.Context) ([]GroupInfo, error)
}

// RosterStore keeps member lists and the groups that are known.
type RosterStore interface {
	// Roster returns the list last saved; Version 0 when there is none.
	Roster(ctx context.Context, g chat.Group) (chat.Roster, error)
	// SaveRoster refuses a version that is not the stored one plus 1.
	SaveRoster(ctx context.Context, g chat.Group, r chat.Roster) error
	// Groups returns the groups of an account that LearnGroup was told of.
	Groups(ctx context.Context, p chat.Provider, a chat.Account) ([]chat.GroupID, error)
	LearnGroup(ctx context.Context, g chat.Group) error
}

// RosterConfig says which groups are watched and how often.
type RosterConfig struct {
	CustSpaceID    string
	BusinessNumber string
	Interval       time.Duration  // between two looks at one group; 0: Run returns at once
	Groups         []chat.GroupID // watched from the start
	Now            func() time.Time
}

// Roster finds joins. CAMS documents no push that tells of them, so it reads the member list of
// every known group again and again and compares it with the one before.
type Roster struct {
	cfg      RosterConfig
	account  chat.Account
	business string
	members  Members
	store    RosterStore
	handle   func(context.Context, []chat.Event) error
	log      *slog.Logger

	wake chan struct{} // has an element when the schedule has changed

	mu      sync.Mutex // guards the fields below, and the watched values in groups
	started time.Time  // when the last poll began
	unread  time.Time  // since when no list could be read; zero: the last one could
	groups  map[chat.GroupID]*watched
}

// watched is one known group.
type watched struct {
	saved    bool      // the store knows the group
	polling  bool      // a poll is under way
	due      time.Time // when the next poll is
	activity activity
	failures int
	unknown  int                // answers in a row that there is no such group
	emptied  bool               // the last list was empty although there were members before
	looked   time.Time          // when the last list was asked for that this process compared; zero: never
	told     map[told]time.Time // changes that a push told of, and when that was heard
	sized    bool               // size is known
	size     int                // members in the stored list
}

// NewRoster returns a Roster that gives events to handle.
func NewRoster(c RosterConfig, m Members, s RosterStore, handle func(context.Context, []chat.Event) error, log *slog.Logger) *Roster {
	r := &Roster{
		cfg: c, account: chat.Account(c.CustSpaceID), business: number(c.BusinessNumber),
		members: m, store: s, handle: handle, log: log, wake: make(chan struct{}, 1), groups: map[chat.GroupID]*watched{},
	}
	for _, id := range c.Groups {
		r.add(id, false)
	}
	return r
}

// Learn tells of an event that came from a group: the group is known from now on, and looked at before
// those in which less happens. It does no I/O: a later round stores the group.
func (r *Roster) Learn(g chat.Group) {
	if g.Provider != chat.CAMS || g.Account != r.account {
		return
	}
	r.add(g.ID, false)
	r.revive(g.ID)
	r.stir(g.ID, 1)
}

// add notes a group, unless there are too many or its ID cannot be one.
func (r *Roster) add(id chat.GroupID, saved bool) {
	if id == "" || len(id) > maxID {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch w := r.groups[id]; {
	case w != nil:
		w.saved = w.saved || saved
	case len(r.groups) < maxGroups:
		r.groups[id] = &watched{saved: saved, due: time.Now()}
		r.rouse()
	}
}

func (r *Roster) group(id chat.GroupID) chat.Group {
	return chat.Group{Provider: chat.CAMS, Account: r.account, ID: id}
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
