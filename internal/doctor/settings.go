package doctor

import (
	"io/fs"
	"net"
	"strings"

	"github.com/groupguard/groupguard/internal/config"
)

// Settings returns a check for each problem of the settings.
func Settings(problems []config.Problem) []Check {
	if len(problems) == 0 {
		return []Check{ok(AboutSettings, "all settings are right")}
	}
	out := make([]Check, 0, len(problems))
	for _, p := range problems {
		hint := p.Hint
		p.Hint = ""
		kind, text, _ := strings.Cut(p.String(), ": ")
		status := Error
		if kind == "warning" {
			status = Warning
		}
		out = append(out, Check{About: AboutSettings, Status: status, Text: text, Fix: hint})
	}
	return out
}

// SecretFile is a file that holds a secret.
type SecretFile struct {
	Setting string // the variable or flag that names it
	Path    string
	Mode    fs.FileMode
}

// SecretFiles looks at the files that secrets were read from: not everybody should be able to. That one
// cannot be read at all is a problem of the settings.
func SecretFiles(files []SecretFile) []Check {
	var out []Check
	fine := 0
	for _, f := range files {
		if f.Mode.Perm()&0o004 == 0 {
			fine++
			continue
		}
		out = append(out, warning(AboutSecrets, "chmod o-r "+f.Path, "%s names %s, which every user of the machine can read (mode %04o)", f.Setting, f.Path, f.Mode.Perm()))
	}
	if fine > 0 {
		out = append(out, ok(AboutSecrets, "%s that secrets were read from: not everybody can read them", count(fine, "file")))
	}
	return out
}

// leastSecret is how long a secret should be, in characters.
const leastSecret = 16

// leastVaried is how many different characters a secret should have, so that a word or a row of one
// digit is not taken for a secret.
const leastVaried = 8

// weak tells whether a secret that is set could be guessed.
func weak(s config.Secret) bool {
	text := s.Reveal()
	varied := map[rune]bool{}
	for _, r := range text {
		varied[r] = true
	}
	return text != "" && (len(text) < leastSecret || len(varied) < leastVaried)
}

const newSecret = "make one with: openssl rand -hex 32"

// Webhooks looks at what keeps forged webhooks out. That one is missing is an error of the settings.
func Webhooks(c *config.Config) []Check {
	var out []Check
	for _, w := range []struct {
		on     bool
		name   string
		secret config.Secret
		fix    string
	}{
		{c.Tencent.On(), "BOT_TENCENT_WEBHOOK_TOKEN", c.Tencent.WebhookToken, newSecret + ", here and in the console"},
		{c.CAMS.On(), "BOT_CAMS_WEBHOOK_SECRET", c.CAMS.WebhookSecret, newSecret + ", here and in the webhook's address"},
	} {
		switch {
		case !w.on:
		case w.secret == "" && c.InsecureWebhooks:
			out = append(out, warning(AboutWebhooks, "set "+w.name+" and take BOT_INSECURE_WEBHOOKS away",
				"anybody who reaches the webhook port can have members removed: %s is not set", w.name))
		case w.secret == "": // the settings say so
		case weak(w.secret):
			out = append(out, warning(AboutWebhooks, w.fix, "%s is short or repeats itself: it could be guessed", w.name))
		default:
			out = append(out, ok(AboutWebhooks, "%s is set", w.name))
		}
	}
	return out
}

// Admin looks at who can reach the admin port.
func Admin(c *config.Config) Check {
	host, _, err := net.SplitHostPort(c.AdminListen)
	ip := net.ParseIP(host)
	inside := err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
	switch {
	case inside && c.AdminToken == "":
		return ok(AboutAdmin, "the admin port is only reached from this machine, and serves metrics and health (without BOT_ADMIN_TOKEN nothing else)")
	case inside:
		return ok(AboutAdmin, "the admin port is only reached from this machine")
	case c.AdminToken == "":
		return warning(AboutAdmin, "listen on 127.0.0.1, or let only your own network reach the port",
			"BOT_ADMIN_LISTEN %s takes metrics and health beyond this machine, to everybody who reaches it", c.AdminListen)
	case weak(c.AdminToken):
		return warning(AboutAdmin, newSecret, "BOT_ADMIN_LISTEN %s is reached from other machines, and BOT_ADMIN_TOKEN could be guessed", c.AdminListen)
	}
	return ok(AboutAdmin, "the admin port %s asks for a token; it speaks no TLS, so only your own network should reach it", c.AdminListen)
}
