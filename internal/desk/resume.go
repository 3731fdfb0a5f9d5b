package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// ResumeRequest says which pauses are lifted. Without a rule it is the pause of everything, and not
// those of single rules: what a brake has stopped must not run again because somebody took a break.
type ResumeRequest struct {
	Rule  chat.RuleID `json:"rule,omitempty"`
	Group string      `json:"group,omitempty"` // only the pauses of this group
	All   bool        `json:"all,omitempty"`   // each pause there is, in the group if one is given
}

// Resumed is the answer to a ResumeRequest.
type Resumed struct {
	Lifted []chat.Pause `json:"lifted"`
	// Left are pauses that still hold, at most some of them.
	Left []chat.Pause `json:"left"`
	// Held is how many letters of what was lifted are on the shelf still. They stay there until
	// somebody releases or drops them.
	Held     int  `json:"held"`
	MoreHeld bool `json:"more_held,omitempty"` // there are more than were counted
	// Dropped is what could not be read and is gone now, and Damaged what is there still.
	Dropped []Damage `json:"dropped,omitempty"`
	Damaged []Damage `json:"damaged,omitempty"`
	Warning string   `json:"warning,omitempty"`
}

const (
	maxLeft  = 100
	maxCount = 10_000
)

// Resume lifts pauses. What was held meanwhile stays held. When all are meant, memos that cannot be
// read are dropped as well: nothing else would mend them.
func (d *Desk) Resume(ctx context.Context, q ResumeRequest) (Resumed, error) {
	if q.All && q.Rule != "" {
		return Resumed{}, &Error{Mistaken, "all pauses are meant, and a rule is named: keep one of both"}
	}
	out := Resumed{Lifted: []chat.Pause{}, Left: []chat.Pause{}}
	for range tries {
		stale, err := d.lift(ctx, q, &out)
		if err != nil {
			return Resumed{}, err
		}
		if stale {
			continue
		}
		newestFirst(out.Lifted)
		newestFirst(out.Left)
		if err := d.mend(ctx, q, &out); err != nil {
			return out, err
		}
		if len(out.Lifted) == 0 {
			out.Warning = d.warning(q.Rule)
			return out, nil
		}
		held, err := d.c.Store.Letters(ctx, actions.HeldShelf, func(l *actions.Letter) bool {
			return slices.ContainsFunc(out.Lifted, func(p chat.Pause) bool {
				return (p.Rule == "" || p.Rule == l.Action.Intent.Rule) && (p.Group == nil || *p.Group == l.Action.Group)
			})
		}, maxCount+1)
		if err != nil {
			return out, fmt.Errorf("counting held letters: %w", err)
		}
		out.Held, out.MoreHeld = min(len(held), maxCount), len(held) > maxCount
		return out, nil
	}
	return Resumed{}, fmt.Errorf("resuming %s: %w", name(q.Rule), store.ErrStale)
}

// lift lifts each pause that is meant. It returns true when somebody changed one at the same time.
func (d *Desk) lift(ctx context.Context, q ResumeRequest, out *Resumed) (stale bool, err error) {
	all, _, err := d.pauses(ctx)
	if err != nil {
		return false, err
	}
	out.Left = []chat.Pause{}
	for _, n := range all {
		if !n.Ended.IsZero() {
			continue
		}
		if !q.means(&n.Pause) {
			if len(out.Left) < maxLeft {
				out.Left = append(out.Left, n.Pause)
			}
			continue
		}
		n.Ended = d.c.Now().UTC()
		switch err := d.save(ctx, n); {
		case errors.Is(err, store.ErrStale):
			stale = true
		case err != nil:
			return false, err
		default:
			out.Lifted = append(out.Lifted, n.Pause)
		}
	}
	return stale, nil
}

// means tells whether a pause is one of those to be lifted.
func (q *ResumeRequest) means(p *chat.Pause) bool {
	if q.Group != "" && (p.Group == nil || !isGroup(*p.Group, q.Group)) {
		return false
	}
	return q.All || p.Rule == q.Rule
}

// group returns the group that a person named: by its ID where one provider is on, else by provider
// and ID as in tencent:@TGS#1. Nothing named is no group.
func (d *Desk) group(named string) (*chat.Group, error) {
	if named == "" {
		return nil, nil
	}
	provider, id, ok := strings.Cut(named, ":")
	if account, on := d.c.Accounts[chat.Provider(provider)]; ok && on {
		return &chat.Group{Provider: chat.Provider(provider), Account: account, ID: chat.GroupID(id)}, nil
	}
	if len(d.c.Accounts) == 1 {
		for p, account := range d.c.Accounts {
			return &chat.Group{Provider: p, Account: account, ID: chat.GroupID(named)}, nil
		}
	}
	return nil, &Error{Mistaken, fmt.Sprintf("group %q: say at which provider, as in tencent:ID or cams:ID", clip(named))}
}
