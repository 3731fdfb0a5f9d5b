package app

import (
	"context"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/provider"
)

// examine is Examine of the bot that runs: what it has in force, and how it does.
func (a *App) examine(ctx context.Context, offline bool) doctor.Report {
	p := Patient{Config: a.cfg, Problems: a.options.Warnings, Version: a.options.Version, Offline: offline, Log: a.log}
	out := doctor.Report{Running: true, Version: p.Version}
	out.Add(doctor.Settings(p.Problems)...)
	now := operatorsRules{a.rules}.InForce()
	var problems []policy.Problem
	if !now.Refused {
		problems = now.Problems
	}
	out.Add(doctor.Rules(now.File, now.Rules, problems)...)
	if now.Refused {
		out.Add(doctor.Reread(now.File, errorsIn(now.Problems))...)
	}
	out.Add(doctor.Webhooks(&p.Config)...)
	out.Add(doctor.Admin(&p.Config))
	out.Add(doctor.DataFolder(dataFolder(&p.Config))...)
	checks, away := storeChecks(ctx, &p.Config, true, p.Log), a.storeAway(ctx)
	out.Add(checks...)
	if away != nil && !slices.ContainsFunc(checks, func(c doctor.Check) bool { return c.Status == doctor.Error }) {
		out.Add(doctor.NoWrites(away)) // it answers what is only read
	}
	out.Add(doctor.MachineLimits(machineLimits())...)
	out.Add(a.probes(ctx, offline, away != nil)...)
	out.Add(doctor.Actions(a.state(ctx))...)
	out.Add(a.live()...)
	return out
}

func errorsIn(problems []policy.Problem) (n int) {
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			n++
		}
	}
	return n
}

// storeAway returns why the store does not take what is written to it; nil when it does.
func (a *App) storeAway(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeLook)
	defer cancel()
	return a.store.Ping(ctx)
}

// probes makes one call to each provider, as the running bot makes its own. Those take their turn from the
// store: without it no call is made, and the providers are not to blame.
func (a *App) probes(ctx context.Context, offline, storeAway bool) []doctor.Check {
	var out []doctor.Check
	ask := func(of chat.Provider, probe func(context.Context) provider.Probed) {
		if offline {
			out = append(out, doctor.Skip(string(of), "not called: offline"))
			return
		}
		if storeAway {
			out = append(out, doctor.Skip(string(of), "not called: the store does not answer, and calls take their turn from it"))
			return
		}
		ctx, cancel := context.WithTimeout(ctx, probeTime)
		defer cancel()
		out = append(out, probedCheck(&a.cfg, of, probe(ctx))...)
	}
	if a.tencent != nil {
		ask(chat.Tencent, a.tencent.Probe)
	}
	if a.cams != nil {
		ask(chat.CAMS, a.cams.Probe)
	}
	return out
}

// state is how the bot does.
func (a *App) state(ctx context.Context) doctor.State {
	s := doctor.State{Broken: a.dispatcher.Broken(), DryRun: a.cfg.DryRun, Degraded: a.lacking()}
	ctx, cancel := context.WithTimeout(ctx, storeLook)
	defer cancel()
	depth, err := a.store.Depth(ctx)
	if err != nil {
		s.Err = err
		return s
	}
	s.Queued, s.Dead, s.Held = depth.Entries, depth.Dead, depth.Held
	if !depth.Oldest.IsZero() {
		s.Oldest = time.Since(depth.Oldest)
	}
	list, err := a.desk.Pauses(ctx)
	if err != nil {
		s.Err = err
		return s
	}
	s.Paused = len(list.Pauses)
	return s
}
