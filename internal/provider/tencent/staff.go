package tencent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

var errForeignEvent = errors.New("looking up a role: the event belongs to another account")

// Staff tells whether the event's member is owner or admin of the group, or the account that we act
// as. It asks as a removal does and believes the same caches, so that most answers need no call. An
// error means that it is not known.
func (s *Sender) Staff(ctx context.Context, e *chat.Event) (bool, error) {
	if e.Provider != chat.Tencent || string(e.Account) != s.appID {
		return false, errForeignEvent
	}
	if string(e.Member) == s.identifier {
		return true, nil
	}
	// The caches outlive the event, whose strings are parts of its whole text.
	a := chat.Action{Group: e.Group, GroupType: e.GroupType, Member: e.Member}
	a.Group.ID = chat.GroupID(strings.Clone(string(e.Group.ID)))
	j := &job{
		Sender: s, group: a.Group.ID, acts: []chat.Action{a}, out: make([]actions.Outcome, 1), turns: s.asking,
	}
	// As before a mute, which works in every type of group: a kick would end at a live room.
	if open := j.spare(ctx, actions.Route{API: apiForbid}, []int{0}); len(open) > 0 {
		return false, nil
	}
	o := j.out[0]
	if o.Class == actions.Immune {
		return true, nil
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("looking up the role of %q in group %q: %w", e.Member, e.Group.ID, err)
	}
	return false, fmt.Errorf("looking up the role of %q in group %q: code %s: %s", e.Member, e.Group.ID, o.Code, o.Text)
}
