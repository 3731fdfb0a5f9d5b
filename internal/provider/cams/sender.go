package cams

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Watcher hears of members who are gone because of a removal. *Roster is one.
type Watcher interface {
	Removed(ctx context.Context, g chat.Group, members []chat.MemberID)
}

// Sender carries out actions in WhatsApp groups.
type Sender struct {
	client  *Client
	watcher Watcher // nil: nobody

	mu    sync.Mutex               // guards links
	links map[chat.ActionID]string // invite links that stood after a revocation which proved nothing
}

// NewSender returns the actions.Sender of a channel.
func NewSender(client *Client) *Sender {
	return &Sender{client: client, links: map[chat.ActionID]string{}}
}

// Tell has w told of every removal that is confirmed. It is called before the first Send.
func (s *Sender) Tell(w Watcher) { s.watcher = w }

var _ actions.Sender = (*Sender)(nil)

// Route implements actions.Sender. CAMS can remove members, say something, revoke an invite link and
// delete a group. It has no muting, takes no message back and adds nobody, and a removal there has no
// reason and no silence, so that all removals of a group may share calls.
func (s *Sender) Route(a chat.Action) (actions.Route, error) {
	r := actions.Route{Max: 1, Rate: s.client.rate}
	switch {
	case a.Group.Provider != chat.CAMS || string(a.Group.Account) != s.client.space:
		return actions.Route{}, fmt.Errorf("action %s is for another account", a.ID)
	case a.Group.ID == "":
		return actions.Route{}, fmt.Errorf("action %s names no group", a.ID)
	}
	switch a.Intent.Kind {
	case chat.Remove:
		if a.Member == "" {
			return actions.Route{}, fmt.Errorf("removal %s names no member", a.ID)
		}
		r.API, r.Max = apiRemove, MaxMembers
	case chat.Warn:
		if err := sayable(a); err != nil {
			return actions.Route{}, err
		}
		r.API, r.Yields = apiSay, true
	case chat.Lockdown:
		if !a.Intent.Revoke {
			return actions.Route{}, errors.New("a WhatsApp group can only be locked by revoking its invite link")
		}
		r.API = apiRevoke
	case chat.Dissolve:
		r.API = apiDissolve
	default:
		return actions.Route{}, impossible(a.Intent.Kind)
	}
	return r, nil
}

// impossible says why an intent cannot be carried out, and what a person can do instead.
func impossible(k chat.IntentKind) error {
	switch k {
	case chat.Recall:
		return errors.New("a message in a WhatsApp group cannot be taken back")
	case chat.Readmit:
		return errors.New("nobody can be added to a WhatsApp group through CAMS: a person has to invite the number again by link, " +
			"and a number that was removed cannot come back into the same group by any link")
	case chat.Unmute:
		return errors.New("nobody is muted in a WhatsApp group, so there is nothing to lift")
	case chat.Unlock:
		return errors.New("a revoked invite link does not come back: whether the group gets a new one is a person's choice")
	default:
		return fmt.Errorf("%s is not possible in a WhatsApp group", k)
	}
}

// Send implements actions.Sender.
func (s *Sender) Send(ctx context.Context, route actions.Route, batch []chat.Action) []actions.Outcome {
	out := make([]actions.Outcome, len(batch))
	switch {
	case len(batch) == 0:
	case route.API == apiRemove && sameGroup(batch):
		s.remove(ctx, batch, out)
		s.tell(ctx, batch, out)
	case route.API == apiSay && len(batch) == 1:
		out[0] = s.warn(ctx, batch[0])
	case route.API == apiRevoke && len(batch) == 1:
		out[0] = s.lock(ctx, batch[0])
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

// faultOf returns the outcome of a failed call; a list that does not add up is one too.
func faultOf(err error) *CallError {
	if fault, ok := errors.AsType[*CallError](err); ok {
		return fault
	}
	return failed("list", actions.Again, "incomplete", err)
}

func fill(out []actions.Outcome, o actions.Outcome) {
	for i := range out {
		out[i] = o
	}
}
