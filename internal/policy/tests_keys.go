package policy

import (
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// testsShape is what the tests of a rule look like.
func (l *loader) testsShape() shape { return many(keyed(l.testKeys(&draft{})...)) }

// testKeys are the keys of one test.
func (l *loader) testKeys(d *draft) []field {
	e := &d.base
	return append([]field{
		{name: "expect", need: true, is: word("match", "pass"), doc: "Whether the rule must match one of the events, or none.",
			read: func(_, v *yaml.Node) { d.Match = l.choice(v, "expect", "match", "pass") == "match" }},
		{name: "note", is: texts(), doc: "What the test is about, for people.", read: func(_, v *yaml.Node) { d.Note, _ = l.text(v, "note") }},
		{name: "at", is: either(numbers(1, maxTestEvents), notNumbers()), doc: "When the first event happens: 21:00 (UTC), or a time such as 2026-01-05T21:00:00Z. Or a whole number: the event, from 1, at which the rule must match first.",
			read: func(key, v *yaml.Node) { l.testTime(d, key, v) }},
		{name: "every", is: durations(), doc: "The time between the events; 1s unless it is given.",
			read: func(_, v *yaml.Node) { d.every = l.testSpan(v, "every", 30) }},
		{name: "joined", is: durations(), doc: "How long before the first event the member joined; long ago unless it is given.",
			read: func(key, v *yaml.Node) { d.spoken, d.joined = key, l.testSpan(v, "joined", 3650) }},
		{name: "times", is: numbers(1, maxTestEvents), doc: "How often the events happen, one round after another.",
			read: func(_, v *yaml.Node) { d.times = l.integer(v, "times", 1, maxTestEvents) }},
		{name: "from", is: some(texts()), doc: "The member, or members in turn; tester unless it is given.", read: func(key, v *yaml.Node) {
			d.members = key
			for _, s := range l.testTexts(v, "from") {
				d.from = append(d.from, chat.MemberID(s))
			}
		}},
		{name: "name", is: texts(), doc: "The member's name.", read: func(_, v *yaml.Node) { e.Name, _ = l.text(v, "name") }},
		{name: "group", is: some(texts()), doc: "The group's ID, or groups in turn.", read: func(_, v *yaml.Node) {
			for _, s := range l.testTexts(v, "group") {
				d.groups = append(d.groups, chat.GroupID(s))
			}
		}},
		{name: "group_type", is: word(groupTypes()...), doc: "The kind of group.",
			read: func(_, v *yaml.Node) { e.GroupType = chat.GroupType(l.choice(v, "group_type", groupTypes()...)) }},
		{name: "provider", is: word(string(chat.Tencent), string(chat.CAMS)), doc: "The provider; the rule's first one unless it is given.",
			read: func(_, v *yaml.Node) {
				e.Provider = chat.Provider(l.choice(v, "provider", string(chat.Tencent), string(chat.CAMS)))
			}},
	}, append(l.testMessageKeys(d), l.testJoinKeys(d)...)...)
}

// testMessageKeys are the keys of a test about messages.
func (l *loader) testMessageKeys(d *draft) []field {
	e := &d.base
	return []field{
		{name: "say", is: some(texts()), doc: "The text of a message, or texts in turn.",
			read: func(key, v *yaml.Node) { d.spoken, d.texts = key, l.testTexts(v, "say") }},
		{name: "media", is: some(word(mediaKinds()...)), doc: "What the message holds besides text.", read: func(key, v *yaml.Node) {
			d.spoken = key
			for _, item := range l.items(v, "media") {
				e.Media = append(e.Media, l.choice(item, "media", mediaKinds()...))
			}
		}},
		{name: "files", is: some(texts()), doc: "Names of the message's files.",
			read: func(key, v *yaml.Node) { d.spoken, e.Files = key, l.testTexts(v, "files") }},
		{name: "mentions", is: either(numbers(1, maxTestEvents), notNumbers(), many(texts())), doc: "Members whom the message mentions, or how many.",
			read: func(key, v *yaml.Node) { d.spoken, e.Mentions = key, l.testMentions(v) }},
		{name: "everyone", is: truths(), doc: "Whether the message mentions everybody.",
			read: func(key, v *yaml.Node) { d.spoken, e.AtAll = key, l.boolean(v, "everyone") }},
	}
}

// testJoinKeys are the keys of a test about joins.
func (l *loader) testJoinKeys(d *draft) []field {
	e := &d.base
	return []field{
		{name: "joins", is: numbers(1, maxTestEvents), doc: "So many different members join.",
			read: func(key, v *yaml.Node) {
				d.joinish, d.number, d.joins = key, key, l.integer(v, "joins", 1, maxTestEvents)
			}},
		{name: "inviter", is: texts(), doc: "Who invited the member.", read: func(key, v *yaml.Node) {
			s, _ := l.text(v, "inviter")
			d.joinish, e.Inviter = key, chat.MemberID(s)
		}},
		{name: "join_kind", is: word(string(chat.Applied), string(chat.Invited)), doc: "How the member came in.", read: func(key, v *yaml.Node) {
			d.joinish, e.JoinKind = key, chat.JoinKind(l.choice(v, "join_kind", string(chat.Applied), string(chat.Invited)))
		}},
	}
}

// testTexts reads one text or a list of them.
func (l *loader) testTexts(n *yaml.Node, what string) []string {
	var out []string
	for _, item := range l.items(n, what) {
		if s, ok := l.text(item, what); ok {
			out = append(out, s)
		}
	}
	return out
}

// testMentions reads members, or how many there are.
func (l *loader) testMentions(n *yaml.Node) []string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		return l.testTexts(n, "mentions")
	}
	var out []string
	for i := range l.integer(n, "mentions", 1, maxTestEvents) {
		out = append(out, "mentioned-"+strconv.Itoa(i+1))
	}
	return out
}

// testSpan reads a length of time of so many days at most, which may be zero.
func (l *loader) testSpan(n *yaml.Node, what string, days int) time.Duration {
	if d, err := parseDuration(n.Value); n.Kind == yaml.ScalarNode && err == nil && d >= 0 && d < time.Second {
		return d // such as 200ms
	}
	return l.durationUpTo(n, what, days)
}

// testTime reads when the first event happens, or which event it is about.
func (l *loader) testTime(d *draft, key, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
		d.place, d.At = key, l.integer(n, "at", 1, maxTestEvents)
		return
	}
	s, ok := l.text(n, "at")
	if !ok {
		return
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() > 2000 && t.Year() < 2200 {
		d.base.At = t.UTC()
		return
	}
	for _, form := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(form, s); err == nil {
			d.base.At = testStart.Truncate(24 * time.Hour).Add(t.Sub(t.Truncate(24 * time.Hour)))
			return
		}
	}
	l.errorf(n, "such as 5 for the fifth event, 21:00, or 2026-01-05T21:00:00Z", "at %q is neither an event nor a time", s)
}
