// Package doctor says what is wrong with a bot and its surroundings, and what to do about it.
//
// It owns the sentences, what counts as an error, and the report. It looks at nothing itself: what was
// found is handed to it, so that every sentence can be tested. No text holds a secret.
package doctor

import "fmt"

// Status says how bad a finding is.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Warning Status = "warning" // the bot works, and something may go wrong later
	Error   Status = "error"   // the bot does not start, or does not do its work
	Skipped Status = "skipped" // it was not looked at, and the text says why
)

// What checks are about.
const (
	AboutSettings = "settings"
	AboutSecrets  = "secrets"
	AboutRules    = "rules"
	AboutClock    = "clock"
	AboutFolder   = "folder"
	AboutStore    = "store"
	AboutPorts    = "ports"
	AboutWebhooks = "webhooks"
	AboutAdmin    = "admin"
	AboutLimits   = "limits"
	AboutActions  = "actions"
	AboutSpool    = "spool"
	AboutBeat     = "heartbeat"
)

// Check is one finding.
type Check struct {
	About  string `json:"about"` // one of the constants above, or the name of a provider
	Status Status `json:"status"`
	Text   string `json:"text"`
	Fix    string `json:"fix,omitempty"` // what to do about it; may be empty
}

// Report is what was found, in the order in which it was looked at.
type Report struct {
	// Running tells whether a running bot has said it of itself. Otherwise it is about the settings and
	// files that a bot would start with here.
	Running  bool    `json:"running"`
	Version  string  `json:"version,omitempty"`
	Checks   []Check `json:"checks"`
	Errors   int     `json:"errors"`
	Warnings int     `json:"warnings"`
}

// Add adds checks to the report and counts them.
func (r *Report) Add(checks ...Check) {
	for _, c := range checks {
		switch c.Status {
		case Error:
			r.Errors++
		case Warning:
			r.Warnings++
		case OK, Skipped:
		}
		r.Checks = append(r.Checks, c)
	}
}

// RulesAtFault tells whether all errors are about the rules: then a rules file has to be mended, and
// not the bot's environment.
func (r *Report) RulesAtFault() bool {
	for _, c := range r.Checks {
		if c.Status == Error && c.About != AboutRules {
			return false
		}
	}
	return r.Errors > 0
}

func ok(about, format string, args ...any) Check {
	return Check{About: about, Status: OK, Text: fmt.Sprintf(format, args...)}
}

func warning(about, fix, format string, args ...any) Check {
	return Check{About: about, Status: Warning, Text: fmt.Sprintf(format, args...), Fix: fix}
}

func failure(about, fix, format string, args ...any) Check {
	return Check{About: about, Status: Error, Text: fmt.Sprintf(format, args...), Fix: fix}
}

// Skip says why something was not looked at.
func Skip(about, format string, args ...any) Check {
	return Check{About: about, Status: Skipped, Text: fmt.Sprintf(format, args...)}
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
