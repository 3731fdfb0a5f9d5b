package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

// Remedy returns what an operator can paste into rules.yaml after a case that should not have been:
// an exception that excuses the member in the first enforced rule, and a test of it. They stand as the
// keys unless and tests of a rule in block style, with comments that say where they belong. The
// exception ends with the day of the given time, in UTC; the zero time is no end.
func Remedy(c *chat.Record, until time.Time) string {
	rule, others := blamed(&c.Case)
	code := c.Case.Code
	if code == "" {
		code = c.Case.ID.Code()
	}
	e := &c.Case.Event
	entry := string(e.Provider) + ":" + string(e.Member)
	if p, _ := memberOf(entry); rule == "" || p == "" || !utf8.ValidString(entry) || checkMember(entry) != nil {
		return fmt.Sprintf("# Case %s names no rule and member that an exception could be made of.\n", code)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "    # In rules.yaml, in the rule %q: where it has these keys already, add the items to them.\n", rule)
	for _, id := range others {
		fmt.Fprintf(&b, "    # The rule %q acted as well, and needs the same.\n", id)
	}
	fmt.Fprintf(&b, "    unless:\n      - {name: %s, member: {in: [%s]}", quoted("undone-"+code), quoted(entry))
	if !until.IsZero() {
		b.WriteString(", until: " + until.UTC().Format(time.DateOnly))
	}
	b.WriteString("}\n")
	if parts := testOf(c); parts != nil {
		fmt.Fprintf(&b, "    tests:\n      - {%s, expect: pass, note: %s}\n", strings.Join(parts, ", "), quoted("undone case "+code))
	} else {
		b.WriteString("    # There is no test to add: what was said is not kept any more.\n")
	}
	return b.String()
}

// testOf returns the keys of a test with the event of a case; nil when too little of it is kept.
func testOf(c *chat.Record) []string {
	e := &c.Case.Event
	parts := []string{"from: " + quoted(string(e.Member)), "provider: " + string(e.Provider)}
	if slices.Contains(groupTypes(), string(e.GroupType)) {
		parts = append(parts, "group_type: "+string(e.GroupType))
	}
	add := func(key string, values ...string) {
		values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
		for i := range values {
			values[i] = quoted(values[i])
		}
		switch {
		case len(values) == 1:
			parts = append(parts, key+": "+values[0])
		case len(values) > 1:
			parts = append(parts, key+": ["+strings.Join(values, ", ")+"]")
		}
	}
	add("name", e.Name)
	if e.Kind == chat.Join {
		add("inviter", string(e.Inviter))
		if e.JoinKind == chat.Applied || e.JoinKind == chat.Invited {
			add("join_kind", string(e.JoinKind))
		}
		return parts
	}
	said := len(parts)
	add("say", e.Text)
	add("media", slices.DeleteFunc(slices.Clone(e.Media), func(s string) bool { return !slices.Contains(mediaKinds(), s) })...)
	add("files", e.Files...)
	if e.Kind != chat.Message || len(parts) == said || e.Text == "" && c.Fingerprint != "" {
		return nil
	}
	add("mentions", e.Mentions...)
	if e.AtAll {
		parts = append(parts, "everyone: true")
	}
	if ago := e.At.Sub(e.JoinedAt).Truncate(time.Second); !e.JoinedAt.IsZero() && ago > 0 && ago < maxTestJoined {
		parts = append(parts, "joined: "+timeText(ago))
	}
	return parts
}

// maxTestJoined is how long ago the member of a test can have joined.
const maxTestJoined = 3650 * 24 * time.Hour

// quoted writes a text as YAML reads it back, on one line, with what nobody sees spelled out. Brackets
// are spelled out too where they do not pair: a file with too many that are open is refused.
func quoted(s string) string {
	s = strconv.Quote(strings.ToValidUTF8(s, "\ufffd"))
	open, deepest, least := 0, 0, 0
	for _, c := range []byte(s) {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open--
		}
		deepest, least = max(deepest, open), min(least, open)
	}
	if open != 0 || least < 0 || deepest > maxDepth {
		s = strings.NewReplacer("[", `\x5b`, "{", `\x7b`).Replace(s)
	}
	return s
}

// blamed returns the first enforced rule of a case, and the others. Of a case that carries out a part of
// another one only the intents say whose they are.
func blamed(c *chat.Case) (first chat.RuleID, others []chat.RuleID) {
	var all []chat.RuleID
	for _, m := range c.Matches {
		if m.Mode == ModeEnforce {
			all = append(all, m.Rule)
		}
	}
	if len(all) == 0 {
		for _, in := range c.Intents {
			all = append(all, in.Rule)
		}
	}
	for _, id := range all {
		if first == "" {
			first = id
		}
		if id != first && !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	return first, others
}
