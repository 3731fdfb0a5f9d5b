package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/provider/cams"
	"github.com/groupguard/groupguard/internal/sim"
)

// demoCmd is bot demo.
type demoCmd struct {
	Once  bool   `help:"End when the sample traffic is done; exit 0 when exactly the planned offenders were removed."`
	Rules string `help:"Rules file of your own: whenever it changes, the traffic comes again. Without it the sample rules inside the program." placeholder:"FILE"`
}

// How long the demo waits for the last removal, and for those of one step.
const (
	demoPatience = 30 * time.Second
	stepPatience = 3 * time.Second
)

// run plays the sample traffic against the service with simulated providers. Of the environment it
// takes BOT_REDIS_URL, BOT_LISTEN, BOT_ADMIN_LISTEN, BOT_ADMIN_TOKEN, BOT_HEARTBEAT, BOT_RECORD and BOT_LOG_LEVEL only.
func (d *demoCmd) run(ctx context.Context, p process) (err error) {
	dir, err := os.MkdirTemp("", "groupguard-demo-")
	if err != nil {
		return fmt.Errorf("making a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	rules, err := d.rules(dir)
	if err != nil {
		return err
	}
	// Accounts of its own let the demo run again on the same Redis: what an earlier run removed is
	// remembered per account.
	fake := sim.New(sim.Options{
		Seed:    rand.Uint64(),
		Tencent: sim.TencentOptions{SDKAppID: 1_400_000_000 + rand.Uint64N(100_000_000)},
		CAMS:    sim.CAMSOptions{CustSpaceID: fmt.Sprintf("cams-demo%08x", rand.Uint32())},
	})
	defer fake.Close()
	url, stopFake, err := fake.Start("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("starting the simulated providers: %w", err)
	}
	defer stopFake()

	show := newScreen(p.stdout)
	then := newLive(fake, show, d.Rules)
	token := cmp.Or(value(p.env, "BOT_ADMIN_TOKEN"), drawToken())
	a, err := d.bot(ctx, p, fake, url, dir, rules, token, then)
	if err != nil {
		return err
	}
	fake.PointAt("http://" + a.WebhookAddr())
	then.ask = asking{addr: a.AdminAddr(), token: token, own: value(p.env, "BOT_ADMIN_TOKEN") != ""}
	show.intro(a, url, d.Rules, value(p.env, "BOT_REDIS_URL") != "")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- a.Run(ctx) }()
	var played error
	if d.Once || d.Rules == "" { // the plan is made for the sample rules
		played = d.play(ctx, fake, show)
	} else {
		then.play(ctx)
	}
	if played == nil && !d.Once {
		then.serve(ctx, p.stdin)
	}
	cancel()
	return errors.Join(played, <-stopped)
}

// bot builds the service, connected to the simulated providers.
func (d *demoCmd) bot(ctx context.Context, p process, fake *sim.Server, url, dir, rules, token string, then *live) (*app.App, error) {
	o := fake.Options()
	listen, admin := "127.0.0.1:0", "127.0.0.1:0"
	if !d.Once {
		listen, admin = freeOr(cmp.Or(value(p.env, "BOT_LISTEN"), "127.0.0.1:8080")), freeOr(cmp.Or(value(p.env, "BOT_ADMIN_LISTEN"), "127.0.0.1:9090"))
	}
	cfg, problems := config.Load(config.Sources{ReadFile: readSmall, Flags: map[string]string{
		"listen": listen, "admin-listen": admin, "rules": rules, "data-dir": filepath.Join(dir, "data"),
		"redis-url": value(p.env, "BOT_REDIS_URL"), "admin-token": token, "record": value(p.env, "BOT_RECORD"),
		"tencent-sdk-app-id": strconv.FormatUint(o.Tencent.SDKAppID, 10), "tencent-secret-key": o.Tencent.SecretKey,
		"tencent-webhook-token": o.Tencent.WebhookToken, "tencent-endpoint": url,
		"cams-cust-space-id": o.CAMS.CustSpaceID, "cams-business-number": o.CAMS.BusinessNumber,
		"cams-webhook-secret": o.CAMS.WebhookSecret, "cams-endpoint": url,
		"cams-roster-interval": "1s", "shutdown-timeout": "5s", "heartbeat": cmp.Or(value(p.env, "BOT_HEARTBEAT"), "10s"),
	}})
	for _, problem := range problems {
		if !problem.Warning {
			return nil, &failure{code: exitEnvironment, err: errors.New(problem.String())}
		}
	}
	log := slog.New(slog.DiscardHandler)
	if level := value(p.env, "BOT_LOG_LEVEL"); level != "" {
		log = newLogger(level, "text", p.stderr)
	}
	a, err := app.New(ctx, cfg, app.Options{
		Version: version(), Log: log, CAMSKeys: demoKeys{cams.AccessKey{ID: o.CAMS.AccessKeyID, Secret: o.CAMS.AccessKeySecret}},
		Decided: then.show.decided, Settled: then.show.settled, Watched: then.show.watched, Reread: then.changed,
	})
	if errors.Is(err, app.ErrRules) {
		return nil, &failure{code: exitInput, err: err}
	}
	return a, err
}

// play sends the traffic and compares what happened with the plan.
func (d *demoCmd) play(ctx context.Context, fake *sim.Server, show *screen) error {
	began := time.Now()
	plan, err := fake.Play(ctx, sim.Scene{Step: show.follow(ctx, fake)})
	if ctx.Err() != nil {
		return nil // interrupted: there is nothing to compare
	}
	patience := demoPatience
	if err != nil { // the bot has let a step of the traffic wait in vain already
		show.line("  %s", err)
		patience = time.Second
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	fake.Await(wait, plan)
	show.settle(wait)
	missing, surplus := fake.Compare(plan)
	show.result(plan, missing, surplus, time.Since(began))
	if len(missing)+len(surplus) > 0 || err != nil {
		return &failure{code: exitInput, err: fmt.Errorf("%s not removed, %s removed without a plan: do the rules differ from the sample rules?",
			count(len(missing), "offender"), count(len(surplus), "member"))}
	}
	return nil
}

// rules returns the file that the demo uses.
func (d *demoCmd) rules(dir string) (string, error) {
	if d.Rules != "" {
		return d.Rules, nil
	}
	name := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(name, groupguard.SampleRules, 0o600); err != nil {
		return "", fmt.Errorf("writing the sample rules: %w", err)
	}
	return name, nil
}

// demoKeys is the simulator's key pair.
type demoKeys struct{ key cams.AccessKey }

func (k demoKeys) Get(context.Context) (cams.AccessKey, error) { return k.key, nil }
func (k demoKeys) Invalidate(cams.AccessKey)                   {}

// freeOr returns the address when it can be listened on, else one with a free port.
func freeOr(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close() // it was opened to see whether it can be
	return addr
}

// value returns a variable of the environment.
func value(env []string, name string) string {
	for _, pair := range env {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			return v
		}
	}
	return ""
}
