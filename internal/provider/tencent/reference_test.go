package tencent

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// The reference decoder reads what Decode reads by way of encoding/json, in the plainest manner. It
// is the oracle of the fuzz test. Where Decode deliberately differs from encoding/json (keys that
// stand twice or differ by case, a second document, depth), the reference says so in its own code.

var errRef = errors.New("reference: refused")

// node is a JSON value that remembers all keys in order.
type node struct {
	kind byte // as in value, with 't' for both booleans
	str  string
	keys []string
	kids []*node
}

func refTree(body []byte) (*node, error) {
	if !json.Valid(body) { // also refuses a second document
		return nil, errRef
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return refNode(dec, 0)
}

func refNode(dec *json.Decoder, depth int) (*node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case string:
		return &node{kind: '"', str: v}, nil
	case json.Number:
		return &node{kind: kindNumber, str: v.String()}, nil
	case bool:
		return &node{kind: 't'}, nil
	case nil:
		return &node{kind: 'n'}, nil
	}
	if depth == maxDepth {
		return nil, errRef
	}
	n := &node{kind: '['}
	if tok == json.Delim('{') {
		n.kind = '{'
	}
	for dec.More() {
		if n.kind == '{' {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			n.keys = append(n.keys, k.(string))
		}
		kid, err := refNode(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	_, err = dec.Token()
	return n, err
}

// get returns the value of a key, nil when it is missing or null, and whether it is in doubt.
func (n *node) get(name string, also ...string) (kid *node, doubt bool) {
	var found int
	for i, k := range n.keys {
		if !strings.EqualFold(k, name) {
			continue
		}
		if found++; found > 1 || k != name && (len(also) == 0 || k != also[0]) {
			return nil, true
		}
		if kid = n.kids[i]; kid.kind == 'n' {
			kid = nil
		}
	}
	return kid, false
}

// want returns a value of a kind, nil when it is missing.
func (n *node) want(kind byte, name string, also ...string) (*node, error) {
	kid, doubt := n.get(name, also...)
	if doubt || kid != nil && kid.kind != kind {
		return nil, errRef
	}
	return kid, nil
}

func (n *node) text(name string, also ...string) (string, error) {
	kid, err := n.want('"', name, also...)
	if kid == nil {
		return "", err
	}
	return kid.str, nil
}

func refIsID(s string) bool { return s != "" && len(s) <= 256 && !strings.Contains(s, "\ufffd") }

func (n *node) id(name string) (string, error) {
	s, err := n.text(name)
	if err != nil || !refIsID(s) {
		return "", errRef
	}
	return s, nil
}

func (n *node) numeral(name string) (string, error) {
	kid, doubt := n.get(name)
	switch {
	case doubt:
		return "", errRef
	case kid == nil:
		return "", nil
	case kid.kind != '"' && kid.kind != kindNumber:
		return "", errRef
	}
	return kid.str, nil
}

func (n *node) millis() (ms int64, err error) {
	s, err := n.numeral("EventTime")
	ms, _ = strconv.ParseInt(s, 10, 64)
	if ms < 946684800000 || ms > 1<<53 {
		ms = 0
	}
	return ms, err
}

func refDecode(body []byte, received time.Time) (chat.Delivery, error) {
	top, err := refTree(body)
	if err != nil || top.kind != '{' {
		return chat.Delivery{}, errRef
	}
	command, err := top.text("CallbackCommand")
	if kid, _ := top.get("CallbackCommand"); err != nil || kid == nil {
		return chat.Delivery{}, errRef
	}
	if handled := map[string]bool{
		"Group.CallbackAfterSendMsg": true, "Group.CallbackBeforeSendMsg": true,
		"Group.CallbackAfterNewMemberJoin": true, "Group.CallbackBeforeApplyJoinGroup": true,
		"Group.CallbackBeforeInviteJoinGroup": true, "Group.CallbackAfterMemberExit": true,
		"Group.CallbackOnMemberStateChange": true,
	}; !handled[command] {
		return chat.Delivery{Name: "ignored"}, nil
	}
	for _, name := range fieldNames() {
		if _, doubt := top.get(name); doubt {
			return chat.Delivery{}, errRef
		}
	}
	ev, err := refBase(top, received)
	if err != nil {
		return chat.Delivery{}, err
	}
	switch command {
	case "Group.CallbackAfterSendMsg":
		return refMessage(top, ev, body, "message")
	case "Group.CallbackBeforeSendMsg":
		ev.Asked = true
		return refMessage(top, ev, body, "before_message")
	}
	return refMembership(top, ev, command, received)
}

func refBase(top *node, received time.Time) (ev chat.Event, err error) {
	group, err := top.id("GroupId")
	if err != nil {
		return ev, err
	}
	kind, err := top.text("Type")
	if err != nil {
		return ev, err
	}
	topic, err := top.text("TopicId")
	if err != nil {
		return ev, err
	}
	ms, err := top.millis()
	if err != nil {
		return ev, err
	}
	at := time.UnixMilli(ms).UTC()
	if ms == 0 {
		s, err := top.numeral("MsgTime")
		if err != nil {
			return ev, err
		}
		sec, err := strconv.ParseInt(s, 10, 64)
		if at = time.Unix(sec, 0).UTC(); err != nil || sec < 946684800 || sec > 1<<53 {
			at = received
		}
	}
	if at.After(received) {
		at = received
	}
	types := map[string]chat.GroupType{
		"Private": chat.Private, "Work": chat.Private, "Public": chat.Public, "ChatRoom": chat.ChatRoom,
		"Meeting": chat.ChatRoom, "AVChatRoom": chat.AVChatRoom, "Community": chat.Community, "Live": chat.Live,
	}
	return chat.Event{
		At: at, Received: received, Topic: cut(topic, 256), GroupType: types[kind],
		Group: chat.Group{Provider: chat.Tencent, Account: testAppID, ID: chat.GroupID(group)},
	}, nil
}
