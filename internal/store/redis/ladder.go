package redis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// strikeOf returns a case's strike as commit.lua takes it, or nothing: without a member there is no
// ladder.
func strikeOf(c *chat.Case) string {
	s := c.Strike
	if s == nil || c.Event.Member == "" {
		return ""
	}
	return fmt.Sprint(ruleField(s.Rule), " ", max(s.Points, 0), " ", max(s.Fade, 1), " ", max(s.Every.Microseconds(), 1),
		" ", max(s.Once.Microseconds(), 0), " ", c.Event.At.UnixMicro())
}

// rungOf returns the rung of a ladder on which an intent acts, or nothing when it acts on all.
func rungOf(i chat.Intent) string {
	if i.AtStrikes <= 0 && i.BelowStrikes <= 0 {
		return ""
	}
	return strconv.Itoa(max(i.AtStrikes, 0)) + " " + strconv.Itoa(max(i.BelowStrikes, 0))
}

// strikesIn returns what a ladder held when a case was stored, from what the record says became of it:
// the call, a digit for each action and, if there were any, the strikes.
func strikesIn(what string) (int, error) {
	_, what, _ = strings.Cut(what, " ")
	_, strikes, _ := strings.Cut(what, " ")
	return readStrikes(strikes)
}

// readStrikes reads a number that is left out when it is zero.
func readStrikes(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("read the strikes of a case: %w: %w", store.ErrDamaged, err)
	}
	return n, nil
}
