package tencent

import (
	"errors"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func refMembership(top *node, ev chat.Event, command string, received time.Time) (chat.Delivery, error) {
	name, prefix, list := "", "", ""
	operator := func() (chat.MemberID, error) {
		if kid, _ := top.get("Operator_Account"); kid == nil {
			return "", nil
		}
		id, err := top.id("Operator_Account")
		return chat.MemberID(id), err
	}
	var err error
	ev.Kind = chat.Join
	switch command {
	case "Group.CallbackAfterNewMemberJoin":
		name, prefix, list = "join", "j:", "NewMemberList"
		var how string
		if how, err = top.text("JoinType"); how == "Apply" {
			ev.JoinKind = chat.Applied
		} else if how == "Invited" {
			ev.JoinKind = chat.Invited
			ev.Inviter, err = operator()
		}
	case "Group.CallbackBeforeApplyJoinGroup":
		name, prefix = "before_join", "b:"
		ev.Asked, ev.JoinKind = true, chat.Applied
		ev.Text, err = top.text("ApplyMsg")
		ev.Text = cut(ev.Text, 64<<10)
	case "Group.CallbackBeforeInviteJoinGroup":
		name, prefix, list = "before_join", "b:", "DestinationMembers"
		ev.Asked, ev.JoinKind = true, chat.Invited
		ev.Inviter, err = operator()
	case "Group.CallbackAfterMemberExit":
		name, prefix, list, ev.Kind = "leave", "l:", "ExitMemberList", chat.Leave
	default:
		list, ev.GroupType = "MemberList", chat.AVChatRoom
		kind, err1 := top.text("EventType")
		cause, err2 := top.text("EventCause")
		err = errors.Join(err1, err2)
		switch kind + " " + cause {
		case "Online Join":
			name, prefix, ev.JoinKind = "join", "j:", chat.Applied
		case "Offline Quit":
			name, prefix, ev.Kind = "leave", "l:", chat.Leave
		default:
			name = "ignored"
		}
	}
	if err != nil {
		return chat.Delivery{}, err
	}
	var members []string
	if list == "" {
		one, err := top.id("Requestor_Account")
		if err != nil {
			return chat.Delivery{}, err
		}
		members = []string{one}
	} else if members, err = refMembers(top, list); err != nil {
		return chat.Delivery{}, err
	}
	d := chat.Delivery{Name: name}
	for _, m := range members {
		ms, _ := top.millis()
		when := strconv.FormatInt(ms, 10)
		if ms == 0 {
			when = "~" + strconv.FormatInt(received.Unix()/60, 10)
		}
		ev.Member, ev.ID, ev.Trusted = chat.MemberID(m), chat.EventID(prefix+m+":"+when), m == testAdmin
		if name != "ignored" {
			d.Events = append(d.Events, ev)
		}
	}
	return d, nil
}

func refMembers(top *node, list string) (members []string, err error) {
	arr, err := top.want('[', list)
	if err != nil || arr == nil || len(arr.kids) > maxMembers {
		return nil, errRef
	}
	for _, kid := range arr.kids {
		if kid.kind != '{' {
			return nil, errRef
		}
		m, err := kid.id("Member_Account")
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}
