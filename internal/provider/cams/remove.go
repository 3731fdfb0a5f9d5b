package cams

import (
	"context"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// confirmAfter is how long a removal is given before it is looked at again. Meta answers a removal
// before it is carried out.
const confirmAfter = 3 * time.Second

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
	left, err := s.client.participants(ctx, batch[0].Group.ID, slotNeeded)
	if err != nil {
		fault := faultOf(err)
		still.Code, still.Wait, still.Down = "unconfirmed", max(confirmAfter, fault.Outcome.Wait), fault.Outcome.Down
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

// tell passes on who is gone.
func (s *Sender) tell(ctx context.Context, batch []chat.Action, out []actions.Outcome) {
	var gone []chat.MemberID
	for i, a := range batch {
		if out[i].Class == actions.OK {
			gone = append(gone, a.Member)
		}
	}
	if s.watcher != nil && len(gone) > 0 {
		s.watcher.Removed(ctx, batch[0].Group, gone)
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func fillAsked(out []actions.Outcome, asked []bool, o actions.Outcome) {
	for i := range out {
		if asked[i] {
			out[i] = o
		}
	}
}
