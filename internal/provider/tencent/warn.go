package tencent

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// maxSaid bounds a warning as JSON, in bytes. A whole message has 12 KB (34959, code 80002), and had
// 8 KB in older documents.
const maxSaid = 8<<10 - 256

// outDropped is the outcome of a message that was accepted and not delivered.
const outDropped = "dropped"

var errNoWords = errors.New("routing a warning: it has no text")

// routeWarn routes a warning: a message of its own.
func (s *Sender) routeWarn(a chat.Action) (actions.Route, error) {
	if a.Intent.Reason == "" {
		return actions.Route{}, errNoWords
	}
	r := s.route(apiSend, 1, "")
	r.Yields = true
	return r, nil
}

// warn says something in the group, unless it is about staff. The admin account need not be a member
// (33526).
func (j *job) warn(ctx context.Context, route actions.Route, which []int) {
	if which = j.strangers(ctx, route, which); len(which) == 0 {
		return
	}
	for _, i := range which {
		o, ok := j.take(ctx, apiSend)
		if ok {
			if len(j.going([]int{i})) == 0 {
				continue
			}
			o = j.say(ctx, j.acts[i], j.allGo([]int{i}))
		}
		j.settle([]int{i}, o)
	}
}

// say makes the call, or repeats it, as long as it may. It keeps the message out of our own webhooks, and asks for the priority that
// is dropped last when a group's members say too much at once.
func (j *job) say(ctx context.Context, a chat.Action, may func() bool) actions.Outcome {
	in := map[string]any{
		"GroupId":      j.group,
		"From_Account": j.identifier,
		"Random":       randomOf(a.ID),
		"MsgPriority":  "High",
		"MsgBody": []any{map[string]any{
			"MsgType": "TIMTextElem", "MsgContent": map[string]string{"Text": fitting(a.Intent.Reason)},
		}},
		"ForbidCallbackControl": []string{"ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback"},
	}
	if a.Topic != "" {
		in["TopicId"] = a.Topic
	}
	var out struct {
		DropReason string `json:"MsgDropReason"`
	}
	o := j.callIf(ctx, apiSend, in, &out, may)
	if o.Class == actions.OK && out.DropReason != "" {
		return actions.Outcome{
			Class: actions.Again, Wait: groupPause, Code: outDropped, Text: j.clean("the message was dropped: "+out.DropReason, ""),
		}
	}
	return o
}

// randomOf returns the Random of a warning. Tencent takes equal texts with equal Randoms within five
// minutes for one message (34959), so that a call of unknown outcome can be made again.
func randomOf(id chat.ActionID) uint32 {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint32(sum[:])
}

// fitting cuts a text so that its JSON form has at most maxSaid bytes: one character takes up to
// six times as many there.
func fitting(text string) string {
	text = cut(strings.ToValidUTF8(text, "\ufffd"), maxSaid)
	for {
		quoted, err := json.Marshal(text)
		over := len(quoted) - maxSaid
		if err != nil || over <= 0 { // a string always encodes
			return text
		}
		text = cut(text, len(text)-(over+5)/6)
	}
}
