package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/sim"
)

// simCmd is bot sim.
type simCmd struct {
	Listen string        `default:"127.0.0.1:8090" help:"Address to serve both providers on. There is no password: keep it private."`
	Hooks  string        `placeholder:"URL" help:"Base URL of the bot's webhook port, such as http://127.0.0.1:8080; without it no webhooks are sent."`
	Seed   uint64        `default:"1" help:"Seed of everything that is drawn by lot."`
	Play   bool          `help:"Play the sample traffic against the bot of --hooks as soon as it answers, and again and again, each time in new groups."`
	Every  time.Duration `default:"1m" help:"Time between two beginnings of the sample traffic, 10s or more."`
}

// Of playing: how often the bot is looked for, and the least time between two beginnings, which the
// brakes of the sample rules let pass.
const (
	lookEvery = 500 * time.Millisecond
	leastGap  = 10 * time.Second
)

func (c *simCmd) run(ctx context.Context, p process) error {
	hooks, err := c.check()
	if err != nil {
		return &failure{code: exitUsage, err: err}
	}
	fake := sim.New(sim.Options{Seed: c.Seed})
	defer fake.Close()
	began := time.Now()
	if c.Play { // a bot that starts meanwhile finds the first groups
		if err := fake.Setup(round(began, 1)); err != nil {
			return err
		}
	}
	base, stop, err := fake.Start(c.Listen)
	if err != nil {
		return &failure{code: exitEnvironment, err: fmt.Errorf("starting the simulated providers on %s: %w", c.Listen, err)}
	}
	defer stop()
	if c.Hooks != "" {
		fake.PointAt(c.Hooks)
	}
	o := fake.Options()
	fmt.Fprintf(p.stdout, `Simulated providers on %s, help on %s/sim/

Settings of a bot that uses them:
  BOT_TENCENT_SDK_APP_ID=%d
  BOT_TENCENT_SECRET_KEY=%s
  BOT_TENCENT_WEBHOOK_TOKEN=%s
  BOT_TENCENT_ENDPOINT=%s
  BOT_CAMS_CUST_SPACE_ID=%s
  BOT_CAMS_BUSINESS_NUMBER=%s
  BOT_CAMS_WEBHOOK_SECRET=%s
  BOT_CAMS_ENDPOINT=%s
  ALIBABA_CLOUD_ACCESS_KEY_ID=%s
  ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
`, base, base, o.Tencent.SDKAppID, o.Tencent.SecretKey, o.Tencent.WebhookToken, base,
		o.CAMS.CustSpaceID, o.CAMS.BusinessNumber, o.CAMS.WebhookSecret, base, o.CAMS.AccessKeyID, o.CAMS.AccessKeySecret)
	if c.Play {
		c.play(ctx, fake, began, hooks.Host, p.stdout)
	}
	<-ctx.Done()
	return nil
}

// check returns the address of --hooks, nil without one.
func (c *simCmd) check() (*url.URL, error) {
	if c.Hooks == "" {
		if c.Play {
			return nil, errors.New("--play needs --hooks, the address of the bot that it is played against")
		}
		return nil, nil
	}
	hooks, err := url.Parse(c.Hooks)
	if err != nil || hooks.Scheme != "http" && hooks.Scheme != "https" || hooks.Hostname() == "" {
		return nil, errors.New("--hooks is not a URL such as http://127.0.0.1:8080")
	}
	if c.Play && c.Every < leastGap {
		return nil, fmt.Errorf("--every is under %s", leastGap)
	}
	if hooks.Port() == "" {
		hooks.Host = net.JoinHostPort(hooks.Hostname(), map[string]string{"http": "80", "https": "443"}[hooks.Scheme])
	}
	return hooks, nil
}

// round returns the scene of one round. A member who was removed from a WhatsApp group cannot come
// back, so each round has groups of its own. The time of the start, to the millisecond, keeps the groups
// of one simulator apart from those of the next: the simulated world begins anew, but the bot's store
// remembers whom it removed from where.
func round(began time.Time, n int) sim.Scene {
	start := strings.Replace(began.UTC().Format("20060102T150405.000"), ".", "", 1)
	return sim.Scene{Run: fmt.Sprintf("-%s-%d", start, n)}
}

// play plays the sample traffic until the context ends, or until the simulated world has no room for
// further groups.
func (c *simCmd) play(ctx context.Context, fake *sim.Server, began time.Time, bot string, out io.Writer) {
	fmt.Fprintf(out, "\nThe sample traffic is played every %s.\n", c.Every)
	if !answers(ctx, bot) {
		return
	}
	begin := time.NewTicker(c.Every)
	defer begin.Stop()
	for n := 1; ; n++ {
		plan, err := fake.Play(ctx, round(began, n))
		switch {
		case ctx.Err() != nil:
			return
		case len(plan.Offenders) == 0:
			fmt.Fprintf(out, "Round %d was not played, and there will be no further ones: %v\n", n, err)
			return
		case err != nil:
			fmt.Fprintf(out, "Round %d: not all of it could be played: %v\n", n, err)
		default:
			fmt.Fprintf(out, "Round %d: %d removals are expected of the bot\n", n, len(plan.Offenders))
		}
		select {
		case <-ctx.Done():
			return
		case <-begin.C:
		}
	}
}

// answers waits until something listens on the address. It is false when the context ended before.
func answers(ctx context.Context, addr string) bool {
	dialer := net.Dialer{Timeout: lookEvery}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if conn, err := dialer.DialContext(ctx, "tcp", addr); err == nil {
			_ = conn.Close() // it was opened to see whether it can be
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
	}
}
