package cams

import (
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// content is what a member sent: text in document order, kinds of media, file names.
type content struct {
	parts []string
	size  int
	media []string
	files []string
}

func (c *content) text() string { return cut(strings.Join(c.parts, "\n"), maxText) }

// add appends text, up to the bound of one event.
func (c *content) add(s string) {
	if s == "" || c.size >= maxText {
		return
	}
	if c.size+len(s) > maxText {
		s = cut(s, maxText-c.size)
	}
	c.parts = append(c.parts, s)
	c.size += len(s) + 1
}

// Kinds that are not media.
const (
	plain  = "text"
	silent = "silent"
	opaque = "opaque" // a type that WhatsApp itself could not deliver: nothing of it is the member's
)

// kindOf maps a message's Type. The list of CAMS lacks types that its own status samples show
// (INTERACTIVE), so an unknown one is kept as custom.
func kindOf(typ string) string {
	switch strings.ToUpper(strings.TrimSpace(typ)) {
	case "TEXT":
		return plain
	case "IMAGE":
		return chat.Image
	case "VIDEO":
		return chat.Video
	case "AUDIO", "VOICE":
		return chat.Audio
	case "DOCUMENT", "FILE":
		return chat.File
	case "STICKER":
		return chat.Sticker
	case "LOCATION":
		return chat.Location
	case "CONTACTS", "CONTACT":
		return chat.Contact
	case "REACTION", "SYSTEM":
		return silent
	case "UNSUPPORTED":
		return opaque
	default:
		return chat.Custom
	}
}

// content reads a Message, which is a string, an object, an array, or one of these inside a string.
// It reports false for a message whose keys name something twice.
func (d *decoding) content(typ string, msg *node) (content, bool) {
	var c content
	kind := kindOf(typ)
	if kind == plain && msg != nil && msg.kind == '"' {
		c.add(d.plain(msg.text))
		return c, true
	}
	inner := d.inner(msg)
	switch kind {
	case plain, silent:
	case opaque:
		c.media = []string{chat.Custom}
		return c, true
	default:
		c.media = []string{kind}
	}
	if inner == nil {
		return c, true
	}
	c.walk(inner, "", kind == chat.Contact)
	return c, !inner.below
}

// plain returns the text of a TEXT message. A third party saw {"text":"..."} there. Only an object
// with that one key is opened: a member who types JSON must not be able to hide words in it.
func (d *decoding) plain(s string) string {
	if !strings.HasPrefix(strings.TrimSpace(s), "{") {
		return s
	}
	n, err := d.budget.parse([]byte(s))
	if t := n.get("text"); err == nil && len(n.items) == 1 && t != nil && t.kind == '"' {
		return t.text
	}
	return s
}

// inner undoes JSON inside strings, a bounded number of times. What is not JSON stays a string.
func (d *decoding) inner(n *node) *node {
	for range maxLayers {
		if n == nil || n.kind != '"' {
			break
		}
		s := strings.TrimSpace(n.text)
		if s == "" || strings.IndexByte(`[{"`, s[0]) < 0 {
			break
		}
		deeper, err := d.budget.parse([]byte(s))
		if err != nil {
			break
		}
		n = &deeper
	}
	return n
}

// walk collects what a person reads: captions, names, titles, addresses, phone numbers, and all
// of a contact card. IDs, links to the media itself and payloads are not shown to anybody.
func (c *content) walk(n *node, name string, all bool) {
	switch n.kind {
	case '{':
		for i := range n.items {
			c.walk(&n.items[i], n.names[i], all)
		}
	case '[':
		for i := range n.items {
			c.walk(&n.items[i], name, all)
		}
	case '"':
		if name == "filename" && len(c.files) < maxFiles && n.text != "" {
			c.files = append(c.files, cut(n.text, maxName))
		}
		if shown(name) || all && name != "type" && name != "wa_id" {
			c.add(n.text)
		}
	}
}

// shown tells whether a person sees the text under this key; "" is a string without a key.
func shown(name string) bool {
	switch name {
	case "", "text", "body", "caption", "title", "description", "footer", "name", "filename",
		"address", "formatted_name", "first_name", "last_name", "middle_name", "phone":
		return true
	}
	return false
}
