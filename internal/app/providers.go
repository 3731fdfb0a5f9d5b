package app

import (
	"context"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/provider/tencent"
)

// addTencent connects Tencent Cloud Chat.
func (a *App) addTencent() error {
	c := a.cfg.Tencent
	id := strconv.FormatUint(uint64(c.SDKAppID), 10)
	caller := provider.NewCaller(a.registry, string(chat.Tencent))
	a.callers[chat.Tencent] = caller
	caller.Limit(c.CallsPerSecond)
	gate := actions.Gate{Limiter: a.store, Account: string(chat.Tencent) + " " + id}
	sender, err := tencent.NewSender(tencent.SenderConfig{
		SDKAppID: id, Identifier: c.Identifier, Key: c.SecretKey.Reveal(), Endpoint: c.Endpoint,
		CallsPerSecond: c.CallsPerSecond, LiveRoomRemoval: c.LiveRoomRemoval, Locks: a.locks,
		Returns: newReturns(a.store, time.Now), Still: a.guard.Still,
	}, caller, gate, time.Now)
	if err != nil {
		return err
	}
	a.accounts[chat.Tencent] = actions.Account{Sender: sender, Gate: gate}
	a.tencent = sender
	a.codecs = append(a.codecs, tencent.NewWebhook(tencent.WebhookConfig{
		SDKAppID: id, Token: c.WebhookToken.Reveal(), MaxAge: c.WebhookMaxAge, Identifier: c.Identifier,
		Insecure: a.cfg.InsecureWebhooks, Registerer: a.registry,
	}))
	return nil
}

// addCAMS connects Alibaba CAMS.
func (a *App) addCAMS() error {
	c := a.cfg.CAMS
	keys := a.options.CAMSKeys
	if keys == nil {
		keys = cams.NewCredentials(cams.DefaultChain, time.Now)
	}
	caller := provider.NewCaller(a.registry, string(chat.CAMS))
	a.callers[chat.CAMS] = caller
	caller.Limit(c.CallsPerSecond)
	gate := actions.Gate{Limiter: a.store, Account: string(chat.CAMS) + " " + c.CustSpaceID}
	client, err := cams.NewClient(cams.ClientConfig{
		CustSpaceID: c.CustSpaceID, BusinessNumber: c.BusinessNumber, Endpoint: c.Endpoint, CallsPerSecond: c.CallsPerSecond,
	}, caller, gate, keys, time.Now)
	if err != nil {
		return err
	}
	a.cams = client
	sender := cams.NewSender(client)
	a.accounts[chat.CAMS] = actions.Account{Sender: sender, Gate: gate}
	a.codecs = append(a.codecs, cams.NewWebhook(cams.WebhookConfig{
		Secret: c.WebhookSecret.Reveal(), CustSpaceID: c.CustSpaceID, BusinessNumber: c.BusinessNumber, GroupKeys: c.GroupKeys,
		Insecure: a.cfg.InsecureWebhooks, Registerer: a.registry, Log: a.log,
	}))
	groups := make([]chat.GroupID, len(c.Groups))
	for i, g := range c.Groups {
		groups[i] = chat.GroupID(g)
	}
	a.roster = cams.NewRoster(cams.RosterConfig{
		CustSpaceID: c.CustSpaceID, BusinessNumber: c.BusinessNumber, Interval: c.RosterInterval, Groups: groups, Now: time.Now,
	}, client, a.store, a.joined, a.log)
	sender.Tell(a.roster)
	return nil
}

// staff tells whether the member of an event is one of the group's own staff. Only Tencent asks
// before an event, so only there a message can be refused.
func (a *App) staff(ctx context.Context, e *chat.Event) (bool, error) {
	if e.Provider != chat.Tencent || a.tencent == nil {
		return false, nil
	}
	return a.tencent.Staff(ctx, e)
}

// size tells how many members a group has, as far as its provider's side knows.
func (a *App) size(ctx context.Context, g chat.Group) (members int, known bool) {
	switch {
	case g.Provider == chat.Tencent && a.tencent != nil:
		return a.tencent.Size(ctx, g)
	case g.Provider == chat.CAMS && a.roster != nil:
		return a.roster.Size(ctx, g)
	}
	return 0, false
}

// joined hands the events that the roster found to the pipeline.
func (a *App) joined(ctx context.Context, events []chat.Event) error {
	_, err := a.handler.Handle(ctx, events)
	return err
}
