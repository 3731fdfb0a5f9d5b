package cams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// confirmAfter is how long a removal is given before it is looked at again. Meta answers a removal
// before it is carried out.
const confirmAfter = 3 * time.Second

// Sender carries out actions in WhatsApp groups.
type Sender struct{ client *Client }

// NewSender returns the actions.Sender of a channel.
func NewSender(client *Client) *Sender { return &Sender{client: client} }

var _ actions.Sender = (*Sender)(nil)

// Route implements actions.Sender. CAMS can remove members, say something, revoke an invite link and
// delete a group. It has no muting and takes no message back, and a removal there has no reason and
// no silence, so that all removals of a group may share calls.
func (s *Sender) Route(a chat.Action) (actions.Route, error) {
	r := actions.Route{Max: 1, Rate: s.client.rate}
	switch {
	case a.Group.Provider != chat.CAMS || string(a.Group.Account) != s.client.space:
		return actions.Route{}, fmt.Errorf("action %s is for another account", a.ID)
	case a.Group.ID == "":
		return actions.Route{}, fmt.Errorf("action %s names no group", a.ID)
	case a.Intent.Kind == chat.Remove && a.Member == "":
		return actions.Route{}, fmt.Errorf("removal %s names no member", a.ID)
	case a.Intent.Kind == chat.Remove:
		r.API, r.Max = apiRemove, MaxMembers
	case a.Intent.Kind == chat.Warn:
		if err := sayable(a); err != nil {
			return actions.Route{}, err
		}
		r.API, r.Yields = apiSay, true
	case a.Intent.Kind == chat.Recall:
		return actions.Route{}, errors.New("a message in a WhatsApp group cannot be taken back")
	case a.Intent.Kind == chat.Lockdown && a.Intent.Revoke:
		r.API = apiRevoke
	case a.Intent.Kind == chat.Lockdown:
		return actions.Route{}, errors.New("a WhatsApp group can only be locked by revoking its invite link")
	case a.Intent.Kind == chat.Dissolve:
		r.API = apiDissolve
	default:
		return actions.Route{}, fmt.Errorf("%s is not possible in a WhatsApp group", a.Intent.Kind)
	}
	return r, nil
}

// Send implements actions.Sender.
func (s *Sender) Send(ctx context.Context, route actions.Route, batch []chat.Action) []actions.Outcome {
	out := make([]actions.Outcome, len(batch))
	switch {
	case len(batch) == 0:
	case route.API == apiRemove && sameGroup(batch):
		s.remove(ctx, batch, out)
	case route.API == apiSay && len(batch) == 1:
		out[0] = s.warn(ctx, batch[0])
	case route.API == apiRevoke && len(batch) == 1:
		out[0] = s.revoke(ctx, batch[0].Group.ID)
	case route.API == apiDissolve && len(batch) == 1:
		out[0] = s.dissolve(ctx, batch[0].Group.ID)
	default:
		fill(out, actions.Outcome{Class: actions.Permanent, Code: "request", Text: "the batch does not fit its route"})
	}
	return out
}

// sameGroup guards against the worst mistake that a batch can be: a member removed from a group in
// which nothing was done.
func sameGroup(batch []chat.Action) bool {
	for _, a := range batch {
		if a.Group != batch[0].Group || a.Intent.Kind != chat.Remove {
			return false
		}
	}
	return true
}

// remove removes the members of a batch and confirms it by reading the member list once.
func (s *Sender) remove(ctx context.Context, batch []chat.Action, out []actions.Outcome) {
	var members []chat.MemberID
	asked := make([]bool, len(batch))
	for i, a := range batch {
		switch m := a.Member; {
		case s.client.isBusiness(m):
			out[i] = actions.Outcome{Class: actions.Immune, Code: "business_number", Text: "the business number is never removed"}
		case !digits(string(m)):
			out[i] = actions.Outcome{Class: actions.Permanent, Code: "no_number", Text: "the member shows no phone number (business-scoped user ID only), and CAMS removes by number"}
		default:
			asked[i] = true
			if !slices.Contains(members, m) {
				members = append(members, m)
			}
		}
	}
	if len(members) == 0 {
		return
	}
	group := batch[0].Group.ID
	requestID, err := s.client.DeleteChatGroupParticipants(ctx, group, members)
	verdict := actions.Outcome{Class: actions.OK, Code: codeOK, RequestID: requestID}
	if err != nil {
		fault := faultOf(err)
		verdict = fault.Outcome
		gone := fault.Meta == metaNotMember
		if gone && len(members) == 1 {
			verdict.Class = actions.OK
		}
		if verdict.Class == actions.Permanent && len(members) > 1 && oneOfMany(verdict.Code, fault.Meta) {
			verdict.Class = actions.Suspect // the others must not be given up for that one's sake
		}
		if !gone && fault.Meta != metaPartial || len(members) == 1 && gone {
			fillAsked(out, asked, verdict)
			return
		}
	}
	s.confirm(ctx, batch, out, asked, verdict)
}

// confirm decides by the member list: whoever is no longer in it is removed, whoever is gets
// another attempt, which does no harm to one who has gone meanwhile. A list that cannot be read
// proves nothing.
func (s *Sender) confirm(ctx context.Context, batch []chat.Action, out []actions.Outcome, asked []bool, verdict actions.Outcome) {
	verdict.Wait = 0
	still := verdict
	still.Class, still.Wait = actions.Again, confirmAfter
	left, err := s.client.ListChatGroupParticipants(ctx, batch[0].Group.ID)
	if err != nil {
		fault := faultOf(err)
		still.Code, still.Wait = "unconfirmed", max(confirmAfter, fault.Outcome.Wait)
		still.Text = cut("removal accepted, but the member list cannot be read: "+fault.Error(), maxName)
		fillAsked(out, asked, still)
		return
	}
	still.Code, still.Text = "still_listed", "removal accepted, but the member is still listed"
	verdict.Class = actions.OK
	for i, a := range batch {
		switch {
		case !asked[i]:
		case slices.Contains(left, a.Member):
			out[i] = still
		default:
			out[i] = verdict
		}
	}
}

// revoke deletes the invite link. Where the answer is ambiguous the list of groups decides: a group
// without a link cannot be joined.
func (s *Sender) revoke(ctx context.Context, g chat.GroupID) actions.Outcome {
	sure, requestID, err := s.client.DeleteChatGroupInviteLink(ctx, g)
	if err != nil {
		return faultOf(err).Outcome
	}
	return s.decide(ctx, g, sure, requestID, func(i *GroupInfo) bool { return i == nil || i.InviteLink == "" })
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
	groups, err := s.client.ListChatGroup(ctx)
	if err != nil {
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
	again.Text = "the answer proves nothing and the group is as it was"
	return again
}

// faultOf returns the outcome of a failed call; a list that does not add up is one too.
func faultOf(err error) *CallError {
	if fault, ok := errors.AsType[*CallError](err); ok {
		return fault
	}
	return failed("list", actions.Again, "incomplete", err)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func fill(out []actions.Outcome, o actions.Outcome) {
	for i := range out {
		out[i] = o
	}
}

func fillAsked(out []actions.Outcome, asked []bool, o actions.Outcome) {
	for i := range out {
		if asked[i] {
			out[i] = o
		}
	}
}
