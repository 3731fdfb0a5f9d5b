package cams

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Bounds of the roster.
const (
	maxGroups   = 10_000 // groups of one number
	pollers     = 4      // polls at once, so that a slow one does not hold the rest
	refindAfter = 10     // rounds between two readings of the list of groups
	maxSkip     = 64     // rounds that a failing group is left alone at most
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

	mu     sync.Mutex    // guards the fields below, and the watched values in groups
	lasted time.Duration // of the last round: with many groups it takes longer than the interval
	groups map[chat.GroupID]*watched
}

// watched is one known group.
type watched struct {
	saved    bool // the store knows the group
	failures int
	skip     int                // rounds to leave out
	emptied  bool               // the last list was empty although there were members before
	looked   time.Time          // when the last list was asked for that this process compared; zero: never
	told     map[told]time.Time // changes that a push told of, and when that was heard
}

// NewRoster returns a Roster that gives events to handle.
func NewRoster(c RosterConfig, m Members, s RosterStore, handle func(context.Context, []chat.Event) error, log *slog.Logger) *Roster {
	r := &Roster{
		cfg: c, account: chat.Account(c.CustSpaceID), business: number(c.BusinessNumber),
		members: m, store: s, handle: handle, log: log, groups: map[chat.GroupID]*watched{},
	}
	for _, id := range c.Groups {
		r.add(id, false)
	}
	return r
}

// Learn tells of a group that an event came from. It does no I/O: the next round stores the group.
func (r *Roster) Learn(g chat.Group) {
	if g.Provider == chat.CAMS && g.Account == r.account {
		r.add(g.ID, false)
	}
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
		r.groups[id] = &watched{saved: saved}
	}
}

// Run polls until the context ends. A round spreads its polls over the interval; one that takes
// longer, since the rate of calls is bounded, is followed by the next at once.
func (r *Roster) Run(ctx context.Context) {
	if r.cfg.Interval <= 0 {
		return
	}
	for round := 0; ctx.Err() == nil; round++ {
		start := time.Now()
		if round%refindAfter == 0 {
			r.find(ctx)
		}
		r.learned(ctx)
		r.round(ctx, start)
		r.mu.Lock()
		r.lasted = time.Since(start)
		r.mu.Unlock()
		sleep(ctx, r.cfg.Interval-time.Since(start))
	}
}

// round polls every group that is due, some at once.
func (r *Roster) round(ctx context.Context, start time.Time) {
	due := r.due()
	if len(due) == 0 {
		return
	}
	gap := r.cfg.Interval / time.Duration(len(due))
	var all sync.WaitGroup
	room := make(chan struct{}, pollers)
	for i, id := range due {
		sleep(ctx, time.Duration(i)*gap-time.Since(start))
		if ctx.Err() != nil {
			break
		}
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			r.settle(ctx, id, r.poll(ctx, r.group(id)))
		})
	}
	all.Wait()
}

// due returns the groups to poll in this round, and counts the round for those that are left out.
func (r *Roster) due() []chat.GroupID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []chat.GroupID
	for id, w := range r.groups {
		if w.skip > 0 {
			w.skip--
			continue
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// settle notes how a poll went. A group that keeps failing (it was deleted, or its ID came from
// somewhere else) is asked less and less, so that it does not eat the others' rate.
func (r *Roster) settle(ctx context.Context, id chat.GroupID, err error) {
	if failures := r.failed(ctx, id, err); failures > 0 { // logged outside the mutex, which webhooks wait for
		r.log.Warn("reading the members of a WhatsApp group", "group", string(id), "failures", failures, "error", err)
	}
}

// failed counts a failure and says how many there were in a row; 0 for a success, and for a poll
// that was cut short because the process stops.
func (r *Roster) failed(ctx context.Context, id chat.GroupID, err error) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.groups[id]
	switch {
	case err == nil:
		w.failures, w.skip = 0, 0
		return 0
	case ctx.Err() != nil:
		return 0
	}
	if w.failures++; w.failures > 1 {
		w.skip = min(1<<min(w.failures-2, 10), maxSkip)
	}
	return w.failures
}

// find adds the groups that the store and CAMS know.
func (r *Roster) find(ctx context.Context) {
	ids, err := r.store.Groups(ctx, chat.CAMS, r.account)
	if err != nil {
		r.log.Warn("reading the known WhatsApp groups", "error", err)
	}
	for _, id := range ids {
		r.add(id, true)
	}
	infos, err := r.members.ListChatGroup(ctx)
	if err != nil && ctx.Err() == nil {
		r.log.Warn("listing the WhatsApp groups of the business number", "error", err)
	}
	for _, g := range infos {
		if g.Status == "ACTIVE" {
			r.add(g.ID, false)
		}
	}
}

// learned stores the groups that are new. One that cannot be stored is tried again next round.
func (r *Roster) learned(ctx context.Context) {
	r.mu.Lock()
	var ids []chat.GroupID
	for id, w := range r.groups {
		if !w.saved {
			ids = append(ids, id)
		}
	}
	r.mu.Unlock()
	for _, id := range ids {
		if err := r.store.LearnGroup(ctx, r.group(id)); err != nil {
			r.log.Warn("storing a WhatsApp group", "group", string(id), "error", err)
			return
		}
		r.add(id, true)
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
