package tencent

import (
	"bytes"
	"net/http"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// The names of deliveries. They are metric labels.
const (
	nameMessage       = "message"
	nameBeforeMessage = "before_message"
	nameJoin          = "join"
	nameBeforeJoin    = "before_join"
	nameLeave         = "leave"
	nameIgnored       = "ignored"
)

// Decode reads the body of an authenticated webhook. Commands that say nothing about members or
// messages of groups give a delivery without events. An error says that the body is not JSON, or
// not of the shape that its command has.
func (w *Webhook) Decode(_ *http.Request, body []byte, received time.Time) (chat.Delivery, error) {
	h := w.scratch.Get().(*harvest)
	defer w.release(h)
	h.reset()
	if err := h.env.scan(body, h); err != nil {
		return chat.Delivery{}, err
	}
	d := decoding{w: w, e: &h.env, h: h, body: body, received: received}
	switch string(h.env.values[fCommand].bytes()) {
	case cmdAfterSend:
		return d.message(nameMessage)
	case cmdBeforeSend:
		return d.message(nameBeforeMessage)
	case "Group.CallbackAfterNewMemberJoin":
		return d.joins()
	case "Group.CallbackBeforeApplyJoinGroup":
		return d.application()
	case "Group.CallbackBeforeInviteJoinGroup":
		return d.invitation()
	case "Group.CallbackAfterMemberExit":
		return d.membership(nameLeave, fExitMembers, chat.Event{Kind: chat.Leave}, "l:")
	case "Group.CallbackOnMemberStateChange":
		return d.stateChange()
	}
	return chat.Delivery{Name: nameIgnored}, nil
}

// release gives a harvest back, unless one huge body has swollen it.
func (w *Webhook) release(h *harvest) {
	if cap(h.buf) <= 2*maxText {
		h.reset()
		w.scratch.Put(h)
	}
}

// decoding is one body on its way to events.
type decoding struct {
	w        *Webhook
	e        *envelope
	h        *harvest
	body     []byte
	received time.Time
}

// base returns what all events of a body share but for the group's ID, for a command that names a
// group.
func (d *decoding) base() (chat.Event, error) {
	if d.e.ambiguous != "" {
		return chat.Event{}, ambiguous(d.e.ambiguous)
	}
	kind, err := d.text(fType)
	if err != nil {
		return chat.Event{}, err
	}
	topic, err := d.text(fTopic)
	if err != nil {
		return chat.Event{}, err
	}
	at, err := d.at()
	return chat.Event{
		At: at, Received: d.received, Topic: cut(string(topic), maxID), GroupType: groupType(kind),
		Group: chat.Group{Provider: chat.Tencent, Account: chat.Account(d.w.appID)},
	}, err
}

func (d *decoding) group(ev *chat.Event) error {
	group, err := d.id(fGroup)
	ev.Group.ID = chat.GroupID(group)
	return err
}

// groupType returns the type that a name on the wire stands for: the old names, and the new ones
// (33529) in case the wire follows the documents one day. Any other is unknown, which makes the
// sender look it up before it acts.
func groupType[T string | []byte](name T) chat.GroupType {
	switch string(name) {
	case "Private", "Work":
		return chat.Private
	case "Public":
		return chat.Public
	case "ChatRoom", "Meeting":
		return chat.ChatRoom
	case "AVChatRoom":
		return chat.AVChatRoom
	case "Community":
		return chat.Community
	case "Live":
		return chat.Live
	}
	return ""
}

// message decodes both commands of a message. They share the event's ID: it is the same message.
func (d *decoding) message(name string) (chat.Delivery, error) {
	ev, err := d.base()
	if err != nil {
		return chat.Delivery{}, err
	}
	if err := d.words(); err != nil {
		return chat.Delivery{}, err
	}
	group, err := d.id(fGroup)
	if err != nil {
		return chat.Delivery{}, err
	}
	from, err := d.id(fFrom)
	if err != nil {
		return chat.Delivery{}, err
	}
	operator, err := d.text(fOperator)
	if err != nil {
		return chat.Delivery{}, err
	}
	// All strings of a message are parts of one, which costs one allocation. Whoever keeps an ID for
	// longer than the event clones it.
	text := len(d.h.buf)
	d.h.buf = append(d.h.buf, group...)
	id := len(d.h.buf)
	sender, err := d.messageID(from)
	if err != nil {
		return chat.Delivery{}, err
	}
	seq := len(d.h.buf)
	if name == nameMessage {
		d.h.buf = append(d.h.buf, d.recallNumber()...)
	}
	all := string(d.h.buf)
	ev.Text, ev.Group.ID, ev.Message = all[:text], chat.GroupID(all[text:id]), all[seq:]
	ev.ID, ev.Member = chat.EventID(all[id:seq]), chat.MemberID(all[sender:sender+len(from)])
	ev.Kind, ev.Asked = chat.Message, name == nameBeforeMessage
	ev.Media, ev.Files, ev.Mentions, ev.AtAll = d.h.media, d.h.files, d.h.mentions, d.h.atAll
	ev.Trusted = len(operator) > 0 && !bytes.Equal(operator, from) || string(from) == d.w.identifier
	return chat.Delivery{Name: name, Events: []chat.Event{ev}}, nil
}

// words gathers the text, kinds, files and mentions of a message.
func (d *decoding) words() error {
	if body := d.e.values[fMsgBody]; !d.e.read && !body.missing() {
		if body.kind != '[' {
			return wrong("MsgBody")
		}
		d.h.elements(&scanner{data: body.text}, 0)
	}
	switch v := d.e.values[fCustom]; {
	case v.missing():
	case v.kind != '"':
		return wrong("CloudCustomData")
	default:
		d.h.document(v, quoted, 0)
	}
	if v := d.e.values[fAtInfo]; !v.missing() {
		if v.kind != '[' {
			return wrong("GroupAtInfo")
		}
		d.h.mentioned(&scanner{data: v.text})
	}
	return d.h.err
}

// messageID names a message by its sender and the random number of the send request, which is what
// the Before and the After callback have in common in every version of the documents (34374,
// 34375). Without one it falls back on what else tells messages apart. It appends the ID to what is
// harvested, and returns where in there the sender begins.
func (d *decoding) messageID(from []byte) (sender int, err error) {
	prefix := "m:"
	of, err := d.integer(fRandom)
	if err == nil && of == nil {
		prefix = "mi:"
		of, err = d.text(fMsgID)
		of = []byte(cut(string(of), maxID))
	}
	if err == nil && len(of) == 0 {
		prefix = "mq:"
		of, err = d.integer(fSeq)
	}
	if err == nil && len(of) == 0 {
		prefix = "mh:"
		of = []byte(chat.Digest(string(d.body)))
	}
	buf := append(d.h.buf, prefix...)
	sender = len(buf)
	buf = append(append(buf, from...), ':')
	d.h.buf = append(buf, of...)
	return sender, err
}
