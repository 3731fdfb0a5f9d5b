package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/heartbeat"
	"github.com/groupguard/groupguard/internal/pipeline"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/webhook"
)

// hearing returns a handler that takes beats out of what is handed in, and judges them by rules and with
// a pipeline of their own. Everything else goes to the next handler, which never sees a beat.
func (a *App) hearing(next webhook.Handler) (webhook.Handler, error) {
	rules, err := heartbeat.Rules()
	if err != nil {
		return nil, err
	}
	return hearing{next, pipeline.New(pipeline.Config{
		Store: unlisted{a.store}, Rules: func() *policy.Rules { return rules }, Count: a.dispatcher.Count, DryRun: a.cfg.DryRun,
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), // the heart measures and logs what matters
	}), time.Now}, nil
}

type hearing struct {
	next, beats webhook.Handler
	now         func() time.Time
}

// Handle implements webhook.Handler. Where beats come beside other events, as from a spool, nobody waits
// for them: one that fails is let go.
func (h hearing) Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error) {
	var own, others []chat.Event
	for i := range events {
		switch {
		case events[i].Provider != chat.Heartbeat:
			others = append(others, events[i])
		case !heartbeat.Late(&events[i], h.now()):
			own = append(own, events[i])
		}
	}
	if len(others) == len(events) {
		return h.next.Handle(ctx, events)
	}
	verdicts := make([]chat.Verdict, len(events))
	if len(others) == 0 {
		if _, err := h.beats.Handle(ctx, own); err != nil {
			return nil, fmt.Errorf("judging a heartbeat: %w", err)
		}
		return verdicts, nil
	}
	judged, err := h.next.Handle(ctx, others)
	if err != nil {
		return nil, err
	}
	_, _ = h.beats.Handle(ctx, own)
	for i, n := 0, 0; i < len(events); i++ {
		if events[i].Provider != chat.Heartbeat {
			verdicts[i] = judged[n]
			n++
		}
	}
	return verdicts, nil
}

// unlisted is a store whose audit keeps none of the cases.
type unlisted struct{ pipeline.Store }

// Commit implements pipeline.Store.
func (u unlisted) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	for i := range cases {
		cases[i].Unlisted = true
	}
	return u.Store.Commit(ctx, cases)
}
