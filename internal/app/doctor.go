package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/provider/tencent"
	"github.com/groupguard/groupguard/internal/store/redis"
)

// Times of an examination. Each part has its own, so that one that hangs leaves the others.
const (
	storeLook = 3 * time.Second
	probeTime = 6 * time.Second
	// mostCAMSSkew is past which Alibaba Cloud refuses signatures
	// (https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature, 2025).
	mostCAMSSkew = 15 * time.Minute
)

// Patient is what a bot would be started with.
type Patient struct {
	Config   config.Config
	Problems []config.Problem    // of its settings; with errors, only what is right is looked at
	Secrets  []doctor.SecretFile // that the settings name
	Version  string
	Offline  bool      // no call to a provider
	CAMSKeys cams.Keys // nil: the credentials chain of the environment
	// Bot is the version of a bot that answers at the admin port; empty: none does.
	Bot string
	Log *slog.Logger
}

// Examine looks at everything that a bot needs before it runs, and changes nothing.
func Examine(ctx context.Context, p Patient) doctor.Report {
	out := doctor.Report{Version: p.Version}
	out.Add(doctor.Settings(p.Problems)...)
	out.Add(doctor.SecretFiles(p.Secrets)...)
	if p.right("BOT_RULES") {
		rules, problems := LoadRules(p.Config.Rules)
		out.Add(doctor.Rules(p.Config.Rules, rules, problems)...)
	} else {
		out.Add(wrongSetting(doctor.AboutRules))
	}
	out.Add(doctor.Webhooks(&p.Config)...)
	if p.right("BOT_ADMIN_LISTEN", "BOT_ADMIN_TOKEN") {
		out.Add(doctor.Admin(&p.Config))
	}
	if p.right("BOT_DATA_DIR", "BOT_SPOOL_MAX") {
		out.Add(doctor.DataFolder(dataFolder(&p.Config))...)
	}
	if p.right("BOT_REDIS_URL", "BOT_DATA_DIR", "BOT_PARTITIONS", "BOT_REDIS_WAIT_REPLICAS") {
		redis.LogTo(p.Config.RedisURL.Reveal(), p.Log)
		out.Add(storeChecks(ctx, &p.Config, p.Bot != "", p.Log)...)
	} else {
		out.Add(wrongSetting(doctor.AboutStore))
	}
	if p.right("BOT_LISTEN", "BOT_ADMIN_LISTEN") {
		out.Add(doctor.Ports(ports(ctx, &p))...)
	}
	out.Add(doctor.MachineLimits(machineLimits())...)
	out.Add(p.providers(ctx)...)
	return out
}

// right tells whether none of the settings has an error. Names may be beginnings.
func (p *Patient) right(names ...string) bool {
	for _, problem := range p.Problems {
		for _, name := range names {
			if !problem.Warning && (problem.Name == "" || strings.HasPrefix(problem.Name, name)) {
				return false
			}
		}
	}
	return true
}

func wrongSetting(about string) doctor.Check {
	return doctor.Skip(about, "not looked at: mend the settings first")
}

// providers makes one call to each provider that is on.
func (p *Patient) providers(ctx context.Context) []doctor.Check {
	var out []doctor.Check
	limiter := &actions.LocalLimiter{}
	for _, side := range []struct {
		name   chat.Provider
		on     bool
		prefix string
		probe  func(context.Context, actions.Limiter) (provider.Probed, error)
	}{
		{chat.Tencent, p.Config.Tencent.On(), "BOT_TENCENT", p.probeTencent},
		{chat.CAMS, p.Config.CAMS.On(), "BOT_CAMS", p.probeCAMS},
	} {
		switch {
		case !side.on:
		case !p.right(side.prefix):
			out = append(out, wrongSetting(string(side.name)))
		case p.Offline:
			out = append(out, doctor.Skip(string(side.name), "not called: --offline"))
		default:
			probed, err := side.probe(ctx, limiter)
			if err != nil {
				probed.Outcome = actions.Outcome{Class: actions.Permanent, Code: "settings", Text: err.Error()}
			}
			out = append(out, probedCheck(&p.Config, side.name, probed)...)
		}
	}
	return out
}

// probeTencent calls with a sender of its own.
func (p *Patient) probeTencent(ctx context.Context, limiter actions.Limiter) (provider.Probed, error) {
	c := p.Config.Tencent
	caller := provider.NewCaller(prometheus.NewRegistry(), string(chat.Tencent))
	defer caller.Close()
	s, err := tencent.NewSender(tencent.SenderConfig{
		SDKAppID: strconv.FormatUint(uint64(c.SDKAppID), 10), Identifier: c.Identifier, Key: c.SecretKey.Reveal(), Endpoint: c.Endpoint,
		CallsPerSecond: c.CallsPerSecond, LiveRoomRemoval: c.LiveRoomRemoval,
	}, caller, actions.Gate{Limiter: limiter, Account: string(chat.Tencent)}, time.Now)
	if err != nil {
		return provider.Probed{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return s.Probe(ctx), nil
}

// probeCAMS calls with a client of its own.
func (p *Patient) probeCAMS(ctx context.Context, limiter actions.Limiter) (provider.Probed, error) {
	c := p.Config.CAMS
	keys := p.CAMSKeys
	if keys == nil {
		keys = cams.NewCredentials(cams.DefaultChain, time.Now)
	}
	caller := provider.NewCaller(prometheus.NewRegistry(), string(chat.CAMS))
	defer caller.Close()
	client, err := cams.NewClient(cams.ClientConfig{
		CustSpaceID: c.CustSpaceID, BusinessNumber: c.BusinessNumber, Endpoint: c.Endpoint, CallsPerSecond: c.CallsPerSecond,
	}, caller, actions.Gate{Limiter: limiter, Account: string(chat.CAMS)}, keys, time.Now)
	if err != nil {
		return provider.Probed{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return client.Probe(ctx), nil
}

// probedCheck says what a probe has found.
func probedCheck(c *config.Config, of chat.Provider, p provider.Probed) []doctor.Check {
	call := doctor.Call{Provider: of, API: p.API, Outcome: p.Outcome, Groups: p.Groups, Skew: p.Skew, Timed: p.Timed}
	switch of {
	case chat.Tencent:
		call.Account = "SDKAppID " + strconv.FormatUint(uint64(c.Tencent.SDKAppID), 10) + " at " + c.Tencent.Endpoint
		call.MostSkew = c.Tencent.WebhookMaxAge
	case chat.CAMS:
		call.Account, call.MostSkew = "channel "+c.CAMS.CustSpaceID, mostCAMSSkew
	}
	return doctor.Provider(call)
}

// ports tries to listen where the bot would, and stops at once.
func ports(ctx context.Context, p *Patient) []doctor.Port {
	var out []doctor.Port
	for _, at := range []struct{ setting, addr, bot string }{
		{"BOT_LISTEN", p.Config.Listen, ""}, {"BOT_ADMIN_LISTEN", p.Config.AdminListen, p.Bot},
	} {
		port := doctor.Port{Setting: at.setting, Addr: at.addr, Bot: at.bot}
		if port.Bot == "" {
			var lc net.ListenConfig
			l, err := lc.Listen(ctx, "tcp", at.addr)
			if port.Err = err; err == nil {
				port.Err = l.Close()
			} else if op, ok := errors.AsType[*net.OpError](err); ok {
				port.Err = op.Err // the rest of the text repeats the address
			}
		}
		out = append(out, port)
	}
	return out
}
