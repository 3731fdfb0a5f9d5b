package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

// drawn is a rule that was made up: its conditions, its exception, and the rest of it.
type drawn struct {
	on, when, unless, then, mode string
	stop                         bool
}

func (d drawn) yaml(number int) string {
	unless := ""
	if d.unless != "" {
		unless = ", unless: [{" + d.unless + "}]"
	}
	return fmt.Sprintf("  - {id: r%d, on: %s, mode: %s, ack: matches-everything, when: {%s}%s, then: [%s], stop: %t}\n", number, d.on, d.mode, d.when, unless, d.then, d.stop)
}

func drawnFile(rules []drawn) string {
	var b strings.Builder
	b.WriteString("version: 1\nlists: {bad: {kind: word, values: [赌博, casino, ab]}}\nrules:\n")
	for i, r := range rules {
		b.WriteString(r.yaml(i))
	}
	return b.String()
}

// loadDrawn loads rules that may be refused, such as those that can never match; then nil.
func loadDrawn(rules []drawn) *Rules {
	r, _ := Load(Source{Name: "rules.yaml", Data: []byte(drawnFile(rules))}, testNow)
	return r
}

var drawnConditions = []string{
	"text: {has_any: bad}", "text: {has_any: [cd, 打击赌博], match: anywhere}", "text: {has_all: [casino, ab]}", "text: {regex: 'a+b|\\d{2}'}",
	"text: {has_any: [casino], see_through: [width, case, invisible, lookalike, spacing]}", "link: {any: true}", "link: {domain_in: [example.com]}",
	"member: {in: [u1, u2]}", "member: {id_matches: 'u?'}",
}

func drawConditions(t *rapid.T, what string) string {
	one := rapid.SampledFrom(drawnConditions)
	parts := []string{one.Draw(t, what)}
	switch rapid.IntRange(0, 4).Draw(t, what+" shape") {
	case 0:
		parts = append(parts, "not: {"+one.Draw(t, what)+"}")
	case 1:
		parts = append(parts, "any: [{"+one.Draw(t, what)+"}, {"+one.Draw(t, what)+"}]")
	case 2:
		parts = append(parts, "all: [{"+one.Draw(t, what)+"}]")
	}
	return strings.Join(parts, ", ")
}

func drawRule(t *rapid.T) drawn {
	d := drawn{on: "message", mode: rapid.SampledFrom([]string{"enforce", "enforce", "shadow"}).Draw(t, "mode")}
	counter := rapid.SampledFrom([]string{"", "", "count: {messages: 2, within: 10s}", "count: {matches: 3, within: 10s, per: group}", "count: {links: 2, within: 20s, per: everywhere}",
		"same_text: {times: 2, within: 10s}", "same_text: {members: 2, within: 10s, min_letters: 1}", "same_text: {groups: 2, within: 10s, similar: 80%, per: everywhere}",
		"count: {joins: 2, within: 10s}"}).Draw(t, "counter")
	if strings.Contains(counter, "joins") {
		d.on, d.when, d.then = "join", counter, "remove: {who: burst}, alert: {}"
		return d
	}
	d.when = drawConditions(t, "when")
	d.then = rapid.SampledFrom([]string{"remove: {}", "alert: {}", "mute: {for: 1m}", "block: {}", "remove: {}, alert: {severity: critical}"}).Draw(t, "then")
	if counter != "" {
		d.when += ", " + counter
		if rapid.Bool().Draw(t, "wide") {
			d.then = "remove: {who: burst, from: all_matching_groups}"
		}
	}
	d.stop = rapid.Bool().Draw(t, "stop")
	return d
}

// drawnEvent makes up an event with numbers below those that are given.
func drawnEvent(i int, number func(below int) int) *chat.Event {
	pieces := []string{"赌博", "打击赌博", "casino ", "cаsino ", "c a s i n o ", "ab ", "cd", "aab 12 ", "https://example.com/a ", "t.me/x ", "hello ", "\u200b", longAdvert, "\xff"}
	e := message("")
	for range number(4) {
		e.Text += pieces[number(len(pieces))]
	}
	e.ID, e.Member = chat.EventID(fmt.Sprint(i)), chat.MemberID(fmt.Sprintf("u%d", number(4)))
	e.Group.ID, e.At = chat.GroupID(fmt.Sprintf("g%d", number(3))), testNow.Add(time.Duration(number(40))*time.Second)
	switch number(8) {
	case 0:
		e.Kind, e.Text = chat.Join, ""
	case 1:
		e.Asked = true
	case 2:
		e.Provider, e.Account, e.GroupType = chat.CAMS, "cust", chat.WhatsApp
	}
	return e
}

func drawRules(t *rapid.T) ([]drawn, *Rules) {
	rules := make([]drawn, rapid.IntRange(1, 4).Draw(t, "rules"))
	for i := range rules {
		rules[i] = drawRule(t)
	}
	return rules, loadDrawn(rules)
}

func drawEvents(t *rapid.T) []*chat.Event {
	events := make([]*chat.Event, rapid.IntRange(1, 10).Draw(t, "events"))
	for i := range events {
		events[i] = drawnEvent(i, func(below int) int { return rapid.IntRange(0, below-1).Draw(t, "event") })
	}
	return events
}
