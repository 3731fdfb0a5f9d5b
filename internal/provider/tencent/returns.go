package tencent

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Returns keeps whom the bot is bringing back into groups, for all replicas: the join that this causes
// may be told to another one than made the call.
type Returns interface {
	// Returning remembers members of a group for two minutes. They are about to be brought back.
	Returning(ctx context.Context, g chat.Group, members []chat.MemberID) error
	// Returned tells of each member, in order, whether any replica has called Returning for him within
	// two minutes before.
	Returned(ctx context.Context, g chat.Group, members []chat.MemberID) ([]bool, error)
}

// ownJoin is how long a join that Tencent tells of may be one that the bot caused.
const ownJoin = 2 * time.Minute

// outReturns is the code when those who come back could not be stored.
const outReturns = "returns"

// Readmitted tells of each event whether it is the join, or the invitation, of a member whom the bot has
// just brought back: a rule about joins must not remove him once more. The same account may be used by
// the operator's own programs, whose joins are judged like any other. With an error, what only other
// replicas know is missing from the answer.
func (s *Sender) Readmitted(ctx context.Context, events []chat.Event) ([]bool, error) {
	ours := make([]bool, len(events))
	groups := map[chat.Group][]int{} // the events that are to be asked about
	for i := range events {
		e := &events[i]
		if e.Kind != chat.Join || string(e.Inviter) != s.identifier || e.Provider != chat.Tencent || string(e.Account) != s.appID {
			continue
		}
		if _, ours[i] = s.returned.get(memberOf{e.Group.ID, e.Member}); !ours[i] && s.returns != nil {
			groups[e.Group] = append(groups[e.Group], i)
		}
	}
	for g, which := range groups {
		members := make([]chat.MemberID, len(which))
		for n, i := range which {
			members[n] = events[i].Member
		}
		known, err := s.returns.Returned(ctx, g, members)
		if err != nil {
			return ours, fmt.Errorf("asking whom the bot has brought back to group %q: %w", g.ID, err)
		}
		for n, i := range which {
			ours[i] = n < len(known) && known[n]
		}
	}
	return ours, nil
}

// returning remembers who is about to be brought back, here and at the other replicas.
func (j *job) returning(ctx context.Context, g chat.Group, accounts []string) (actions.Outcome, bool) {
	members := make([]chat.MemberID, len(accounts))
	for i, m := range accounts {
		members[i] = chat.MemberID(m)
		j.returned.put(memberOf{j.group, members[i]}, struct{}{}, ownJoin)
	}
	if j.returns == nil {
		return actions.Outcome{}, true
	}
	if err := j.returns.Returning(ctx, g, members); err != nil {
		return actions.Outcome{Class: actions.Again, Code: outReturns, Text: j.clean(err.Error(), "")}, false
	}
	return actions.Outcome{}, true
}
