package main

import (
	"context"
	"fmt"

	"github.com/groupguard/groupguard/internal/sim"
)

// simCmd is bot sim.
type simCmd struct {
	Listen string `default:"127.0.0.1:8090" help:"Address to serve both providers on. There is no password: keep it private."`
	Hooks  string `placeholder:"URL" help:"Base URL of the bot's webhook port, such as http://127.0.0.1:8080; without it no webhooks are sent."`
	Seed   uint64 `default:"1" help:"Seed of everything that is drawn by lot."`
}

func (c *simCmd) run(ctx context.Context, p process) error {
	fake := sim.New(sim.Options{Seed: c.Seed})
	defer fake.Close()
	url, stop, err := fake.Start(c.Listen)
	if err != nil {
		return &failure{exitEnvironment, fmt.Errorf("starting the simulated providers on %s: %w", c.Listen, err)}
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
`, url, url, o.Tencent.SDKAppID, o.Tencent.SecretKey, o.Tencent.WebhookToken, url,
		o.CAMS.CustSpaceID, o.CAMS.BusinessNumber, o.CAMS.WebhookSecret, url, o.CAMS.AccessKeyID, o.CAMS.AccessKeySecret)
	<-ctx.Done()
	return nil
}
