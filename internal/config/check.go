package config

import "strings"

// check looks at settings that depend on each other, and at those that are allowed but risky.
func (l *loader) check(c *Config) {
	l.checkProviders(c)
	l.checkTencent(c)
	l.checkCAMS(c)
	l.checkStore(c)
	l.checkSecrets(c)
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
		l.require("BOT_CAMS_WEBHOOK_SECRET", c.CAMS.WebhookSecret.Reveal(), "make one with: openssl rand -hex 16")
	}
	if strings.HasPrefix(c.CAMS.Endpoint, "http:") {
		l.warn("BOT_CAMS_ENDPOINT", "sends security tokens without encryption", "use https:// outside of tests")
	}
}

func (l *loader) checkStore(c *Config) {
	if c.WaitReplicas > 0 && c.RedisURL == "" && !l.broken["BOT_REDIS_URL"] {
		l.warn("BOT_REDIS_WAIT_REPLICAS", "has no effect without BOT_REDIS_URL", "")
	}
	if l.given["BOT_SPOOL_MAX"] != "" && c.SpoolMax > 0 {
		l.warn("BOT_SPOOL_MAX", "has no effect: this version has no spool", "while Redis is away, webhooks are answered with 503")
	}
}

// checkSecrets warns of secrets that are weak or lie open.
func (l *loader) checkSecrets(c *Config) {
	if n := len(c.AdminToken); n > 0 && n < minPathSecret {
		l.warn("BOT_ADMIN_TOKEN", "has fewer than 16 characters", "make one with: openssl rand -hex 16")
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
