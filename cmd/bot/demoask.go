package main

import (
	"crypto/rand"
	"os"
	"os/exec"
	"regexp"

	"github.com/groupguard/groupguard/internal/chat"
)

// drawToken returns an admin token for one demo. By its beginning a bot with a provider's own endpoint
// knows that it is a demo's, and refuses it.
func drawToken() string { return "simulated-" + rand.Text() }

// asking is how the bot of a demo is asked from a second terminal.
type asking struct {
	addr, token string
	own         bool // the token is the person's own: it is not shown
}

// with says what the other terminal has to have.
func (a asking) with() string {
	if a.own {
		return " that has this one's BOT_ADMIN_TOKEN"
	}
	return ""
}

// line is the command line that explains a case; without one, it lists them.
func (a asking) line(id chat.CaseID) string {
	words := " cases"
	if id != "" {
		words = " case " + id.Code()
	}
	token := "BOT_ADMIN_TOKEN=" + a.token + " "
	if a.own {
		token = ""
	}
	return "  " + token + program() + words + " --addr " + a.addr
}

// program is how this program is started from any folder.
func program() string {
	self, err := os.Executable()
	if err != nil {
		return "bot"
	}
	if found, err := exec.LookPath("bot"); err == nil && sameFile(found, self) {
		return "bot"
	}
	if ordinary.MatchString(self) {
		return self
	}
	return quoted(self)
}

// ordinary are paths that a shell takes as they are.
var ordinary = regexp.MustCompile(`^[\w./-]+$`)

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}
