package tencent

import (
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// refHarvest is the reference's harvest.
type refHarvest struct {
	ev   *chat.Event
	full bool
}

func refMessage(top *node, ev chat.Event, body []byte, name string) (chat.Delivery, error) {
	h := refHarvest{ev: &ev}
	list, err := top.want('[', "MsgBody")
	if err != nil {
		return chat.Delivery{}, err
	}
	if err := h.elements(list, 0); err != nil {
		return chat.Delivery{}, err
	}
	custom, err := top.text("CloudCustomData")
	if err != nil {
		return chat.Delivery{}, err
	}
	h.document(custom, true, 0)
	if err := h.mentioned(top); err != nil {
		return chat.Delivery{}, err
	}
	from, err := top.id("From_Account")
	if err != nil {
		return chat.Delivery{}, err
	}
	operator, err := top.text("Operator_Account")
	if err != nil {
		return chat.Delivery{}, err
	}
	ev.ID, err = refMessageID(top, from, body)
	ev.Kind, ev.Member = chat.Message, chat.MemberID(from)
	if name == "message" {
		ev.Message = refRecallNumber(top)
	}
	ev.Trusted = from == testAdmin || operator != "" && operator != from
	return chat.Delivery{Name: name, Events: []chat.Event{ev}}, err
}

func refMessageID(top *node, from string, body []byte) (chat.EventID, error) {
	whole := func(name string) (string, error) {
		s, err := top.numeral(name)
		if err != nil || s == "" {
			return "", err
		}
		rest := strings.TrimPrefix(s, "-")
		if rest == "" || len(rest) > 20 || strings.Trim(rest, "0123456789") != "" {
			return "", errRef
		}
		return s, nil
	}
	random, err := whole("Random")
	if err != nil || random != "" {
		return chat.EventID("m:" + from + ":" + random), err
	}
	id, err := top.text("MsgId")
	if err != nil || id != "" {
		return chat.EventID("mi:" + from + ":" + cut(id, 256)), err
	}
	seq, err := whole("MsgSeq")
	if err != nil || seq != "" {
		return chat.EventID("mq:" + from + ":" + seq), err
	}
	return chat.EventID("mh:" + from + ":" + chat.Digest(string(body))), nil
}

func refRecallNumber(top *node) string {
	online, _ := top.get("OnlineOnlyFlag")
	seq, _ := top.get("MsgSeq")
	if seq == nil || seq.kind != '"' && seq.kind != kindNumber || online != nil && online.str != "0" {
		return ""
	}
	n, err := strconv.ParseUint(seq.str, 10, 32)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != seq.str {
		return ""
	}
	return seq.str
}

func (h *refHarvest) add(s string) {
	if h.full || s == "" {
		return
	}
	if h.ev.Text != "" {
		s = "\n" + s
	}
	if h.ev.Text += s; len(h.ev.Text) > 64<<10 {
		h.ev.Text, h.full = cut(h.ev.Text, 64<<10), true
	}
}

func (h *refHarvest) document(s string, quotes bool, level int) {
	t := strings.TrimLeft(s, " \t\r\n")
	var doc *node
	if level < 4 && len(t) > 1 && strings.IndexByte(`{["`, t[0]) >= 0 {
		doc, _ = refTree([]byte(s))
	}
	if doc == nil {
		h.add(s)
		return
	}
	var walk func(n *node)
	walk = func(n *node) {
		if n.kind == '"' {
			h.document(n.str, quotes, level+1)
		}
		for i, kid := range n.kids {
			if quotes && n.kind == '{' && (n.keys[i] == "messageReply" || n.keys[i] == "messageReplies") {
				continue
			}
			walk(kid)
		}
	}
	walk(doc)
}

func (h *refHarvest) elements(list *node, relay int) error {
	if list == nil {
		return nil
	}
	for _, el := range list.kids {
		if el.kind != '{' {
			return errRef
		}
		kind, doubt := el.get("MsgType")
		content, doubt2 := el.get("MsgContent")
		if doubt || doubt2 || kind == nil || kind.kind != '"' {
			return errRef
		}
		if err := h.element(kind.str, content, relay); err != nil {
			return err
		}
	}
	return nil
}

func (h *refHarvest) element(kind string, c *node, relay int) error {
	media := map[string]string{
		"TIMFaceElem": chat.Sticker, "TIMCustomElem": chat.Custom, "TIMLocationElem": chat.Location,
		"TIMFileElem": chat.File, "TIMImageElem": chat.Image, "TIMSoundElem": chat.Audio,
		"TIMVideoFileElem": chat.Video, "TIMRelayElem": chat.Forward,
	}
	if m := media[kind]; m != "" && len(h.ev.Media) < 256 {
		h.ev.Media = append(h.ev.Media, m)
	}
	texts := map[string][]string{
		"TIMTextElem": {"Text"}, "TIMFaceElem": {"Data"}, "TIMCustomElem": {"Data", "Desc", "Ext"},
		"TIMLocationElem": {"Desc"}, "TIMFileElem": {"FileName"}, "TIMRelayElem": {"Title", "AbstractList", "CompatibleText", "MsgList"},
	}[kind]
	if texts == nil || c == nil {
		return nil
	}
	if c.kind != '{' {
		return errRef
	}
	for _, name := range texts {
		switch name {
		case "AbstractList", "MsgList":
			list, err := c.want('[', name)
			if err != nil {
				return err
			}
			if err := h.list(list, name, relay); err != nil {
				return err
			}
			continue
		}
		alias := "fileName"
		if name != "FileName" {
			alias = name
		}
		s, err := c.text(name, alias)
		if err != nil {
			return err
		}
		if kind == "TIMCustomElem" && name == "Data" {
			h.document(s, false, 0)
			continue
		}
		h.add(s)
		if name == "FileName" && s != "" && len(h.ev.Files) < 256 {
			h.ev.Files = append(h.ev.Files, cut(s, 64<<10))
		}
	}
	return nil
}

func (h *refHarvest) list(list *node, name string, relay int) error {
	if list == nil || name == "MsgList" && relay >= 8 {
		return nil
	}
	for _, kid := range list.kids {
		switch {
		case name == "AbstractList" && kid.kind == '"':
			h.add(kid.str)
		case name == "AbstractList" && kid.kind == 'n':
		case name == "AbstractList" || kid.kind != '{':
			return errRef
		default:
			// Decode reads both keys in the order in which they stand.
			for i, k := range kid.keys {
				v := kid.kids[i]
				_, doubt := kid.get(k)
				known := strings.EqualFold(k, "MsgBody") || strings.EqualFold(k, "CloudCustomData")
				switch {
				case !known:
				case doubt || k != "MsgBody" && k != "CloudCustomData":
					return errRef
				case v.kind == 'n':
				case k == "MsgBody" && v.kind == '[':
					if err := h.elements(v, relay+1); err != nil {
						return err
					}
				case k == "CloudCustomData" && v.kind == '"':
					h.document(v.str, true, 0)
				default:
					return errRef
				}
			}
		}
	}
	return nil
}

func (h *refHarvest) mentioned(top *node) error {
	list, err := top.want('[', "GroupAtInfo")
	if list == nil {
		return err
	}
	for _, kid := range list.kids {
		if kid.kind != '{' {
			return errRef
		}
		all, err := kid.want(kindNumber, "GroupAtAllFlag")
		if err != nil {
			return err
		}
		who, err := kid.text("GroupAt_Account")
		if err != nil {
			return err
		}
		h.ev.AtAll = h.ev.AtAll || all != nil && all.str == "1"
		if who != "" && len(h.ev.Mentions) < 256 {
			h.ev.Mentions = append(h.ev.Mentions, cut(who, 256))
		}
	}
	return nil
}
