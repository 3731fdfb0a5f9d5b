package cams

import (
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// meta reads a webhook in Meta's own shape
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/webhooks).
// CAMS is not documented to forward it; when one comes it is the only push that tells of joins.
func (d *decoding) meta(root *node) {
	for _, entry := range root.get("entry").list() {
		for _, change := range entry.get("changes").list() {
			value := change.get("value")
			meta := value.get("metadata")
			if entry.twice || change.twice || value == nil || value.twice || meta != nil && meta.below {
				d.refused++
				continue
			}
			if to := number(meta.get("display_phone_number").str()); to != "" && !isNumber(to, d.hook.business) {
				d.hook.foreign("display_phone_number", settingBusiness)
				continue
			}
			d.change(change.get("field").str(), value)
		}
	}
}

func (d *decoding) change(field string, value *node) {
	if field == "messages" {
		if len(value.get("statuses").list()) > 0 {
			d.saw(status)
		}
		for _, m := range value.get("messages").list() {
			d.metaMessage(&m, value)
		}
		return
	}
	if !strings.HasPrefix(field, "group_") {
		return
	}
	d.saw(groupUpdate)
	for _, g := range value.get("groups").list() {
		if g.below {
			d.refused++
			continue
		}
		d.metaGroup(&g, value)
	}
}

// metaMessage reads one of value.messages. The sender is from, or from_user_id for an account that
// shows no number.
func (d *decoding) metaMessage(m, value *node) {
	d.saw(inbound)
	if m.below {
		d.refused++
		return
	}
	typ := m.get("type").str()
	member := firstOf(m.get("from").str(), m.get("from_user_id").str())
	c, ok := d.content(typ, m.get(strings.ToLower(typ)))
	d.message(said{
		id: m.get("id").str(), group: m.get("group_id").str(), member: member, typ: typ,
		name: profile(value, member), stamp: m.get("timestamp"), content: c, readable: ok,
	})
}

// profile returns the name that goes with a sender.
func profile(value *node, member string) string {
	for _, c := range value.get("contacts").list() {
		if c.get("wa_id").str() == member || c.get("user_id").str() == member {
			return c.get("profile").get("name").str()
		}
	}
	return ""
}

// metaGroup makes join events of participants who were added and leave events of those who left.
// Removals by the business are our own doing, and all else concerns no member.
func (d *decoding) metaGroup(g, value *node) {
	switch g.get("type").str() {
	case "group_participants_add":
		d.participants(g, "added_participants", chat.Join, "j:")
	case "group_participants_remove":
		// Meta's examples put initiated_by on the group or beside it.
		by := firstOf(g.get("initiated_by").str(), value.get("initiated_by").str())
		if by == "participant" {
			d.participants(g, "removed_participants", chat.Leave, "l:")
		}
	}
}

func (d *decoding) participants(g *node, list string, kind chat.Kind, prefix string) {
	group, stamp := g.get("group_id").str(), g.get("timestamp")
	if group == "" || len(group) > maxID {
		d.refused++
		return
	}
	for _, p := range g.get(list).list() {
		id := firstOf(p.get("wa_id").str(), p.get("input").str(), p.get("user_id").str())
		member := memberOf(id)
		switch {
		case id == "" || len(id) > maxID:
			d.refused++
		case !isNumber(string(member), d.hook.business):
			e := d.event(group, kind, member, stamp)
			e.ID = eventID(prefix, string(member), stamp.str())
			e.Name = cut(p.get("username").str(), maxName)
			d.events = append(d.events, e)
		}
	}
}
