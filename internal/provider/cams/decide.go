package cams

import (
	"context"
	"strings"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// maxLinks bounds the links that are remembered.
const maxLinks = 1_000

// lock revokes the invite link, and says what else of the lockdown a WhatsApp group does not have.
func (s *Sender) lock(ctx context.Context, a chat.Action) actions.Outcome {
	out := s.revoke(ctx, a)
	var rest []string
	if a.Intent.Close {
		rest = append(rest, "closing the group to those who have a new link")
	}
	if a.Intent.MuteAll {
		rest = append(rest, "muting everybody")
	}
	if out.Class == actions.OK && len(rest) > 0 {
		out.Text = "the invite link is revoked; not possible in a WhatsApp group: " + strings.Join(rest, ", ")
	}
	return out
}

// revoke deletes the invite link. Where the answer is ambiguous the list of groups decides: a group
// without a link cannot be joined, and where the service puts a new link in place of the old one, an
// attempt after which another link stands than before it has ended that one.
func (s *Sender) revoke(ctx context.Context, a chat.Action) actions.Outcome {
	sure, requestID, err := s.client.DeleteChatGroupInviteLink(ctx, a.Group.ID)
	if err != nil {
		return faultOf(err).Outcome
	}
	return s.decide(ctx, a.Group.ID, sure, requestID, func(i *GroupInfo) bool {
		return i == nil || i.InviteLink == "" || s.replaced(a.ID, i.InviteLink)
	})
}

// replaced tells whether a link differs from the one that stood after the action's last attempt, and
// remembers it. When too many are remembered all are forgotten, which costs each one more attempt.
func (s *Sender) replaced(id chat.ActionID, link string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.links[id]
	if known && before != link {
		delete(s.links, id)
		return true
	}
	if !known && len(s.links) >= maxLinks {
		clear(s.links)
	}
	s.links[id] = link
	return false
}

// dissolve deletes the group. One that does not exist is dissolved already.
func (s *Sender) dissolve(ctx context.Context, g chat.GroupID) actions.Outcome {
	sure, requestID, err := s.client.DeleteChatGroup(ctx, g)
	if err != nil {
		fault := faultOf(err)
		if fault.Meta == metaUnknownGroup {
			fault.Outcome.Class = actions.OK
		}
		return fault.Outcome
	}
	return s.decide(ctx, g, sure, requestID, func(i *GroupInfo) bool {
		return i == nil || i.Status == "DELETING" || i.Status == "INACTIVE"
	})
}

// decide looks a group up where an answer proved nothing. done is given nil for a group that the
// complete list lacks.
func (s *Sender) decide(ctx context.Context, g chat.GroupID, sure bool, requestID string, done func(*GroupInfo) bool) actions.Outcome {
	out := actions.Outcome{Class: actions.OK, Code: codeOK, RequestID: requestID}
	if sure {
		return out
	}
	again := actions.Outcome{Class: actions.Again, Wait: confirmAfter, Code: "indeterminate", RequestID: requestID}
	groups, err := s.client.groups(ctx, slotNeeded)
	if err != nil {
		again.Down = faultOf(err).Outcome.Down
		again.Text = cut("the answer proves nothing and the groups cannot be read: "+err.Error(), maxName)
		return again
	}
	var found *GroupInfo
	for i := range groups {
		if groups[i].ID == g {
			found = &groups[i]
		}
	}
	if done(found) {
		return out
	}
	again.Text = "the answer proves nothing and the group is not as it should be"
	return again
}
