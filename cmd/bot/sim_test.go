package main

import (
	"strings"
	"testing"
	"time"
)

func TestSimHooks(t *testing.T) {
	for _, c := range []struct {
		name string
		cmd  simCmd
		host string // of the bot
		why  string // it is refused; empty: it is not
	}{
		{"no bot at all", simCmd{}, "", ""},
		{"a bot", simCmd{Hooks: "http://127.0.0.1:8080"}, "127.0.0.1:8080", ""},
		{"the port of the scheme", simCmd{Hooks: "https://bot.example"}, "bot.example:443", ""},
		{"an address of version 6", simCmd{Hooks: "http://[::1]"}, "[::1]:80", ""},
		{"playing", simCmd{Hooks: "http://bot:8080", Play: true, Every: time.Minute}, "bot:8080", ""},
		{"playing against nobody", simCmd{Play: true, Every: time.Minute}, "", "--play needs --hooks"},
		{"playing without a rest", simCmd{Hooks: "http://bot:8080", Play: true, Every: time.Second}, "", "--every is under 10s"},
		{"an address that is no URL", simCmd{Hooks: "bot:8080"}, "", "is not a URL"},
		{"a URL without a host", simCmd{Hooks: "http://:8080"}, "", "is not a URL"},
		{"another scheme", simCmd{Hooks: "ftp://bot"}, "", "is not a URL"},
	} {
		hooks, err := c.cmd.check()
		switch {
		case c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.why)
		case c.why == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.host != "" && hooks.Host != c.host:
			t.Errorf("%s: the bot is %s, want %s", c.name, hooks.Host, c.host)
		}
	}
}

// Groups of one round must not be those of another: who was removed from a WhatsApp group stays out. Nor
// those of another start, which a bot with a store would take for repeats.
func TestRoundsHaveGroupsOfTheirOwn(t *testing.T) {
	began := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	seen := map[string]bool{"": true}
	for _, start := range []time.Time{began, began.Add(time.Millisecond), began.Add(time.Second), began.AddDate(1, 0, 0)} {
		for n := range 12 {
			run := round(start, n+1).Run
			if seen[run] {
				t.Errorf("round %d of the start at %s is %q, as another one is", n+1, start, run)
			}
			seen[run] = true
		}
	}
}
