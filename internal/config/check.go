package config

import "strings"

// check looks at settings that depend on each other, and at those that are allowed but risky.
func (l *loader) check(c *Config) {
	l.checkProviders(c)
	l.checkTencent(c)
	l.checkCAMS(c)
	l.checkStore(c)
	l.checkSecrets(c)
	l.checkSimulated(c)
}

func (l *loader) checkProviders(c *Config) {
	off := c.Tencent.SDKAppID == 0 && c.CAMS.CustSpaceID == "" && c.CAMS.BusinessNumber == ""
	broken := l.broken["BOT_TENCENT_SDK_APP_ID"] || l.broken["BOT_CAMS_CUST_SPACE_ID"] || l.broken["BOT_CAMS_BUSINESS_NUMBER"]
	if off && !broken {
		l.problems = append(l.problems, Problem{
			Name: "BOT_TENCENT_SDK_APP_ID", Text: "no provider is on",
			Hint: "set it for Tencent, or BOT_CAMS_CUST_SPACE_ID and BOT_CAMS_BUSINESS_NUMBER for CAMS",
		})
	}
	if c.InsecureWebhooks {
		l.warn("BOT_INSECURE_WEBHOOKS", "lets anybody who reaches the webhook port have members removed", "only for tests")
	}
	if c.Listen == c.AdminListen && !l.broken["BOT_LISTEN"] && !l.broken["BOT_ADMIN_LISTEN"] && !strings.HasSuffix(c.Listen, ":0") {
		l.report("BOT_ADMIN_LISTEN", l.given["BOT_ADMIN_LISTEN"], &fault{"is the same address as BOT_LISTEN", "take another port"})
	}
}

func (l *loader) checkTencent(c *Config) {
	const app = "BOT_TENCENT_SDK_APP_ID"
	if !c.Tencent.On() && !l.broken[app] { // a broken one was meant to turn Tencent on
		for _, name := range []string{"BOT_TENCENT_SECRET_KEY", "BOT_TENCENT_WEBHOOK_TOKEN"} {
			l.warnIdle(name, app, "Tencent")
		}
		return
	}
	l.require("BOT_TENCENT_SECRET_KEY", c.Tencent.SecretKey.Reveal(), "the application's key in Tencent's console")
	if !c.InsecureWebhooks {
		l.require("BOT_TENCENT_WEBHOOK_TOKEN", c.Tencent.WebhookToken.Reveal(), "the authentication token of the webhook in Tencent's console")
	}
	if strings.HasPrefix(c.Tencent.Endpoint, "http:") {
		l.warn("BOT_TENCENT_ENDPOINT", "sends the UserSig without encryption", "use https:// outside of tests")
	}
}

func (l *loader) checkCAMS(c *Config) {
	const space, number = "BOT_CAMS_CUST_SPACE_ID", "BOT_CAMS_BUSINESS_NUMBER"
	if c.CAMS.CustSpaceID == "" && c.CAMS.BusinessNumber == "" && !l.broken[space] && !l.broken[number] {
		l.warnIdle("BOT_CAMS_WEBHOOK_SECRET", space, "CAMS")
		return
	}
	l.require(space, c.CAMS.CustSpaceID, "CAMS needs it together with "+number)
	l.require(number, c.CAMS.BusinessNumber, "CAMS needs it together with "+space)
	if !c.InsecureWebhooks {
		l.require("BOT_CAMS_WEBHOOK_SECRET", c.CAMS.WebhookSecret.Reveal(), makeOne)
	}
	if strings.HasPrefix(c.CAMS.Endpoint, "http:") {
		l.warn("BOT_CAMS_ENDPOINT", "sends security tokens without encryption", "use https:// outside of tests")
	}
}

func (l *loader) checkStore(c *Config) {
	if c.WaitReplicas > 0 && c.RedisURL == "" && !l.broken["BOT_REDIS_URL"] {
		l.warn("BOT_REDIS_WAIT_REPLICAS", "has no effect without BOT_REDIS_URL", "")
	}
	if l.given["BOT_SPOOL_MAX"] != "" && c.SpoolMax > 0 && c.RedisURL == "" && !l.broken["BOT_REDIS_URL"] {
		l.warn("BOT_SPOOL_MAX", "has no effect without BOT_REDIS_URL", "the embedded store needs no spool")
	}
}

// checkSecrets warns of secrets that are weak or lie open.
func (l *loader) checkSecrets(c *Config) {
	if n := len(c.AdminToken); n > 0 && n < minPathSecret {
		l.warn("BOT_ADMIN_TOKEN", "has fewer than 16 characters", makeOne)
	}
	for _, s := range Settings() {
		open := s.Secret && l.given[s.Name] == "flag --"+s.Flag
		if s.Name == "BOT_REDIS_URL" {
			open = open && strings.Contains(c.RedisURL.Reveal(), "@")
		}
		if open {
			l.warn(s.Name, "stands on the command line, where every user of the machine can read it", "use the variable, or --"+s.FileFlag())
		}
	}
}

// simulated is how the secrets of bot sim begin, which everybody knows.
const simulated = "simulated-"

const makeOne = "make one with: openssl rand -hex 32"

// checkSimulated refuses the secrets of a demo where an endpoint is a provider's own: they must never
// guard groups that exist. Calls to simulators go over plain http, as no provider takes them.
func (l *loader) checkSimulated(c *Config) {
	genuine := func(on bool, name, endpoint string) bool {
		return on && !l.broken[name] && !strings.HasPrefix(endpoint, "http:")
	}
	tencent := genuine(c.Tencent.On(), "BOT_TENCENT_ENDPOINT", c.Tencent.Endpoint)
	cams := genuine(c.CAMS.CustSpaceID != "" || c.CAMS.BusinessNumber != "", "BOT_CAMS_ENDPOINT", c.CAMS.Endpoint)
	for _, s := range []struct {
		name    string
		value   Secret
		genuine bool
		hint    string
	}{
		{"BOT_TENCENT_WEBHOOK_TOKEN", c.Tencent.WebhookToken, tencent, makeOne},
		{"BOT_TENCENT_SECRET_KEY", c.Tencent.SecretKey, tencent, "the application's key in Tencent's console"},
		{"BOT_CAMS_WEBHOOK_SECRET", c.CAMS.WebhookSecret, cams, makeOne},
		{"BOT_ADMIN_TOKEN", c.AdminToken, tencent || cams, makeOne},
	} {
		if s.genuine && strings.HasPrefix(s.value.Reveal(), simulated) {
			l.report(s.name, l.given[s.name], &fault{"is a simulator's, which everybody knows, and the endpoint is a provider's own", s.hint})
		}
	}
}

// require reports a setting that is missing, unless it has a problem already.
func (l *loader) require(name, got, hint string) {
	if got == "" && !l.broken[name] {
		l.report(name, l.given[name], &fault{"is required", hint})
	}
}

func (l *loader) warn(name, text, hint string) {
	l.problems = append(l.problems, Problem{Warning: true, Name: name, Where: l.given[name], Text: text, Hint: hint})
}

// warnIdle warns of a provider's secret while the provider is off: somebody meant it to be on.
func (l *loader) warnIdle(name, switchName, provider string) {
	if l.given[name] != "" {
		l.warn(name, "has no effect, since "+provider+" is off", "set "+switchName)
	}
}
