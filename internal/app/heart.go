package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/heartbeat"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/provider/tencent"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/webhook"
)

// addHeart builds the heart and the account that carries its beats out. Both are there when it does not
// beat, too: what it sent before a restart may still lie in the spool or the queue, and other replicas
// may beat.
func (a *App) addHeart() {
	parts := a.store.Parts()
	a.heart = heartbeat.New(heartbeat.Config{
		Every: a.cfg.Heartbeat, Lines: heartLines(a), Parts: parts,
		PartOf:  func(g chat.Group) int { return store.PartitionOf(g, parts) },
		Metrics: a.registry, Log: a.log,
	})
	for i, c := range a.codecs {
		a.codecs[i] = heartCodec{c, a.heart}
	}
	a.accounts[chat.Heartbeat] = actions.Account{
		Sender: dryExecutor{}, Gate: actions.Gate{Limiter: a.store, Account: string(chat.Heartbeat)}, Quiet: true,
	}
}

// heartLines returns the ways of the providers that are on.
func heartLines(a *App) (lines []heartbeat.Line) {
	if c := a.cfg.Tencent; c.On() {
		id := strconv.FormatUint(uint64(c.SDKAppID), 10)
		of := tencent.WebhookConfig{SDKAppID: id, Token: c.WebhookToken.Reveal()}
		lines = append(lines, heartbeat.Line{
			Provider: chat.Tencent, Account: chat.Account(id), Secret: of.Token,
			Request: func(e *chat.Event) (string, []byte, error) { return tencent.Heartbeat(of, e) },
		})
	}
	if c := a.cfg.CAMS; c.On() {
		of := cams.WebhookConfig{
			Secret: c.WebhookSecret.Reveal(), CustSpaceID: c.CustSpaceID, BusinessNumber: c.BusinessNumber, GroupKeys: c.GroupKeys,
		}
		lines = append(lines, heartbeat.Line{
			Provider: chat.CAMS, Account: chat.Account(c.CustSpaceID), Secret: of.Secret,
			Request: func(e *chat.Event) (string, []byte, error) { return cams.Heartbeat(of, e) },
		})
	}
	return lines
}

// heartCodec is a provider's codec that knows the bot's own beats. From here on they are no events of
// the provider.
type heartCodec struct {
	webhook.Codec
	heart *heartbeat.Heart
}

// Decode implements webhook.Codec.
func (c heartCodec) Decode(r *http.Request, body []byte, received time.Time) (chat.Delivery, error) {
	d, err := c.Codec.Decode(r, body, received)
	if err != nil || len(d.Events) != 1 {
		return d, err
	}
	if own, ok := c.heart.Own(&d.Events[0]); ok {
		return chat.Delivery{Name: heartbeat.Name, Events: []chat.Event{own}}, nil
	}
	return d, nil
}

// dryExecutor carries out what beats want: it calls nobody.
type dryExecutor struct{}

// Route implements actions.Sender. The rate is far above what beats need.
func (dryExecutor) Route(chat.Action) (actions.Route, error) {
	return actions.Route{API: string(chat.Heartbeat), Max: 1, Rate: 50}, nil
}

// Send implements actions.Sender.
func (dryExecutor) Send(_ context.Context, _ actions.Route, batch []chat.Action) []actions.Outcome {
	return make([]actions.Outcome, len(batch))
}

// settled hears of every outcome that was stored. What beats come to is for the heart alone.
func (a *App) settled(s actions.Settlement) {
	switch {
	case s.Item.Group.Provider != chat.Heartbeat:
		if a.options.Settled != nil {
			a.options.Settled(s)
		}
	case s.State == actions.Done || s.State == actions.DryRun:
		a.heart.CarriedOut(&s.Item.Action)
	}
}
