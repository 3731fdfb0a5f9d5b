package tencent

import (
	"strconv"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxMembers bounds the members of one membership event: no group that is not a live room or a
// community holds more (33529), and those report joins a few at a time.
const maxMembers = 10_000

// joins decodes Group.CallbackAfterNewMemberJoin (34372).
func (d *decoding) joins() (chat.Delivery, error) {
	ev := chat.Event{Kind: chat.Join}
	kind, err := d.text(fJoinType)
	if err != nil {
		return chat.Delivery{}, err
	}
	switch string(kind) {
	case "Apply":
		ev.JoinKind = chat.Applied
	case "Invited":
		ev.JoinKind = chat.Invited
		if err := d.inviter(&ev); err != nil {
			return chat.Delivery{}, err
		}
	}
	return d.membership(nameJoin, fNewMembers, ev, "j:")
}

func (d *decoding) inviter(ev *chat.Event) error {
	if d.e.values[fOperator].missing() {
		return nil
	}
	operator, err := d.id(fOperator)
	ev.Inviter = chat.MemberID(operator)
	return err
}

// application decodes Group.CallbackBeforeApplyJoinGroup (34370).
func (d *decoding) application() (chat.Delivery, error) {
	ev, err := d.base()
	if err != nil {
		return chat.Delivery{}, err
	}
	if err := d.group(&ev); err != nil {
		return chat.Delivery{}, err
	}
	member, err := d.id(fRequestor)
	if err != nil {
		return chat.Delivery{}, err
	}
	text, err := d.text(fApplyMsg)
	if err != nil {
		return chat.Delivery{}, err
	}
	ev.Kind, ev.JoinKind, ev.Asked, ev.Text = chat.Join, chat.Applied, true, cut(string(text), maxText)
	ev, err = d.of(ev, string(member), "b:")
	return chat.Delivery{Name: nameBeforeJoin, Events: []chat.Event{ev}}, err
}

// invitation decodes Group.CallbackBeforeInviteJoinGroup (34371).
func (d *decoding) invitation() (chat.Delivery, error) {
	ev := chat.Event{Kind: chat.Join, JoinKind: chat.Invited, Asked: true}
	if err := d.inviter(&ev); err != nil {
		return chat.Delivery{}, err
	}
	return d.membership(nameBeforeJoin, fDestMembers, ev, "b:")
}

// stateChange decodes Group.CallbackOnMemberStateChange (48734), how live rooms report who comes
// and goes. Heartbeats that stop and come back are neither.
func (d *decoding) stateChange() (chat.Delivery, error) {
	kind, err := d.text(fEventType)
	if err != nil {
		return chat.Delivery{}, err
	}
	cause, err := d.text(fEventCause)
	if err != nil {
		return chat.Delivery{}, err
	}
	name, prefix, ev := nameIgnored, "", chat.Event{}
	switch {
	case string(kind) == "Online" && string(cause) == "Join":
		name, prefix, ev = nameJoin, "j:", chat.Event{Kind: chat.Join, JoinKind: chat.Applied}
	case string(kind) == "Offline" && string(cause) == "Quit":
		name, prefix, ev = nameLeave, "l:", chat.Event{Kind: chat.Leave}
	}
	ev.GroupType = chat.AVChatRoom
	out, err := d.membership(name, fMembers, ev, prefix)
	if name == nameIgnored {
		out.Events = nil
	}
	return out, err
}

// membership makes one event for each member of a list, from what they have in common.
func (d *decoding) membership(name string, list field, like chat.Event, prefix string) (chat.Delivery, error) {
	ev, err := d.base()
	if err != nil {
		return chat.Delivery{}, err
	}
	if err := d.group(&ev); err != nil {
		return chat.Delivery{}, err
	}
	ev.Kind, ev.JoinKind, ev.Inviter, ev.Asked = like.Kind, like.JoinKind, like.Inviter, like.Asked
	if like.GroupType != "" {
		ev.GroupType = like.GroupType
	}
	v := d.e.values[list]
	if v.kind != '[' {
		return chat.Delivery{}, wrong(fieldNames()[list])
	}
	out := chat.Delivery{Name: name}
	s := scanner{data: v.text}
	for more := s.open('['); more; more = s.next('[') {
		member, err := memberAccount(&s)
		if err != nil {
			return chat.Delivery{}, err
		}
		if len(out.Events) == maxMembers {
			return chat.Delivery{}, wrong(fieldNames()[list])
		}
		one, err := d.of(ev, member, prefix)
		if err != nil {
			return chat.Delivery{}, err
		}
		out.Events = append(out.Events, one)
	}
	return out, nil
}

// of returns a membership event of one member. Without an EventTime, which old versions of the
// callbacks lack, the minute of arrival stands for it: a repeat is known for what it is, and
// somebody who comes back later is new.
func (d *decoding) of(ev chat.Event, member, prefix string) (chat.Event, error) {
	ms, err := d.millis()
	when := strconv.FormatInt(ms, 10)
	if ms == 0 {
		when = "~" + strconv.FormatInt(d.received.Unix()/60, 10)
	}
	ev.Member, ev.Trusted = chat.MemberID(member), member == d.w.identifier
	ev.ID = chat.EventID(prefix + member + ":" + when)
	return ev, err
}

// memberAccount reads one entry of a member list.
func memberAccount(s *scanner) (string, error) {
	const key = "Member_Account"
	if s.peek() != '{' {
		s.value()
		return "", wrong("a member list")
	}
	member, seen := "", false
	for more := s.open('{'); more; more = s.next('{') {
		i, exact := find([]string{key}, s.key())
		v := s.value()
		switch {
		case i == 1:
		case !exact || seen:
			return "", ambiguous(key)
		default:
			id, ok := idOf(v)
			if !ok {
				return "", wrong(key)
			}
			member, seen = string(id), true
		}
	}
	if !seen {
		return "", wrong(key)
	}
	return member, nil
}

// mentioned reads a GroupAtInfo (34375).
func (h *harvest) mentioned(s *scanner) {
	names := [...]string{"GroupAtAllFlag", "GroupAt_Account"}
	for more := s.open('['); more; more = s.next('[') {
		if s.peek() != '{' {
			s.value()
			h.fail(wrong("GroupAtInfo"))
			continue
		}
		var seen [len(names)]bool
		for more := s.open('{'); more; more = s.next('{') {
			i, exact := find(names[:], s.key())
			v := s.value()
			switch {
			case i == len(names):
				continue
			case !exact || seen[i]:
				h.fail(ambiguous(names[i]))
			case v.missing():
			case i == 0 && v.kind == kindNumber:
				h.atAll = h.atAll || string(v.text) == "1"
			case i == 1 && v.kind == '"':
				if len(v.text) > 0 && len(h.mentions) < maxListed {
					h.mentions = append(h.mentions, cut(string(v.bytes()), maxID))
				}
			default:
				h.fail(wrong(names[i]))
			}
			seen[i] = true
		}
	}
}
