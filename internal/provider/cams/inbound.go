package cams

import (
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	maxText  = 64 << 10 // bytes of one event's text
	maxName  = 256
	maxFiles = 16
)

// inbound reads a ChatAppInbound item
// (https://www.alibabacloud.com/help/en/chatapp/developer-reference/chatappinbound-1, 2026-06-03).
func (d *decoding) inbound(n *node) {
	member := firstOf(n.get("from").str(), n.get("fromuserid").str())
	to := number(n.get("to").str())
	if to != "" && !isNumber(to, d.hook.business) && !isNumber(member, d.hook.business) {
		d.hook.foreign("To", settingBusiness)
		return
	}
	d.saw(inbound)
	typ := n.get("type").str()
	c, ok := d.content(typ, n.get("message"))
	d.message(said{
		id: n.get("messageid").str(), group: d.group(n), member: member, typ: typ,
		name:  firstOf(n.get("name").str(), n.get("displayname").str(), n.get("fromusername").str()),
		stamp: n.get("timestamp"), content: c, readable: ok,
	})
}

// group returns the group that an item names under a configured key.
func (d *decoding) group(n *node) string {
	for _, k := range d.hook.keys {
		if g := n.get(k).str(); g != "" {
			return g
		}
	}
	return ""
}

// said is one inbound message, whichever shape it came in.
type said struct {
	id, group, member, name, typ string
	stamp                        *node
	content                      content
	readable                     bool
}

// message makes an event of a message. Reactions and system notices are nothing that a member
// wrote, so there is nothing to judge.
func (d *decoding) message(s said) {
	switch kind := kindOf(s.typ); {
	case kind == silent:
		return
	case s.group == "" && isNumber(s.member, d.hook.business): // what the bot itself says to somebody
		return
	case s.group == "":
		d.hook.NoGroup.Inc()
		return
	case !s.readable, s.member == "", len(s.group) > maxID, len(s.member) > maxID:
		d.refused++
		return
	}
	e := d.event(s.group, chat.Message, memberOf(s.member), s.stamp)
	e.Name = cut(s.name, maxName)
	e.Text, e.Media, e.Files = s.content.text(), s.content.media, s.content.files
	e.ID = eventID("m:", s.id)
	if s.id == "" {
		// CAMS documents MessageId as always present. Without one, the same content at the same
		// time is the same message.
		e.ID = eventID("h:", chat.Digest(s.member, s.stamp.str(), s.typ, e.Text))
	}
	d.events = append(d.events, e)
}

// cut shortens s to at most n bytes, on a character border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func firstOf(names ...string) string {
	for _, s := range names {
		if s != "" {
			return s
		}
	}
	return ""
}
