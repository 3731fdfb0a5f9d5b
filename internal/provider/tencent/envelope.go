package tencent

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// field numbers the top-level keys that some command of ours reads.
type field uint8

// The top-level keys, in the order of fieldNames.
const (
	fCommand field = iota
	fGroup
	fType
	fFrom
	fOperator
	fRandom
	fSeq
	fMsgID
	fMsgTime
	fMsgBody
	fCustom
	fTopic
	fEventTime
	fAtInfo
	fRequestor
	fApplyMsg
	fJoinType
	fNewMembers
	fExitMembers
	fDestMembers
	fEventType
	fEventCause
	fMembers
	fOnline
	fieldCount
)

// fieldNames spells the keys as the event pages do (34370 to 34375, 48734).
func fieldNames() [fieldCount]string {
	return [fieldCount]string{
		"CallbackCommand", "GroupId", "Type", "From_Account", "Operator_Account", "Random", "MsgSeq", "MsgId",
		"MsgTime", "MsgBody", "CloudCustomData", "TopicId", "EventTime", "GroupAtInfo", "Requestor_Account",
		"ApplyMsg", "JoinType", "NewMemberList", "ExitMemberList", "DestinationMembers", "EventType",
		"EventCause", "MemberList", "OnlineOnlyFlag",
	}
}

// The commands that carry a message: the hot ones, whose elements are read in the same pass.
const (
	cmdBeforeSend = "Group.CallbackBeforeSendMsg"
	cmdAfterSend  = "Group.CallbackAfterSendMsg"
)

// envelope is the top level of a body.
type envelope struct {
	values    [fieldCount]value
	seen      uint32
	ambiguous string // a known key that stands twice, or in another case
	read      bool   // the message's elements have been read already
}

// errNoCommand is returned for a body that does not say what it is about.
var errNoCommand = errors.New("decoding the body: no CallbackCommand")

// scan reads a body whole. Elements of a message go into h as they pass, when the command that
// precedes them says that it is one. An error of h alone is left for the caller to judge.
func (e *envelope) scan(body []byte, h *harvest) error {
	s := scanner{data: body}
	for more := s.open('{'); more; more = s.next('{') {
		k := s.key()
		f, exact := findField(k)
		switch {
		case f == fieldCount:
			s.value()
			continue
		case !exact || e.seen>>f&1 == 1:
			e.ambiguous = fieldNames()[f]
			if f == fCommand { // which command it is must never be in doubt
				return fmt.Errorf("decoding the body: %s is ambiguous", e.ambiguous)
			}
			s.value()
			continue
		}
		e.seen |= 1 << f
		if f == fMsgBody && e.hot() && s.peek() == '[' {
			e.values[f], e.read = value{kind: '['}, true
			h.elements(&s, 0)
			continue
		}
		e.values[f] = s.value()
	}
	s.end()
	if s.err != nil {
		return fmt.Errorf("decoding the body: %w", s.err)
	}
	if e.values[fCommand].kind != '"' {
		return errNoCommand
	}
	return nil
}

func (e *envelope) hot() bool {
	c := e.values[fCommand].text
	return string(c) == cmdAfterSend || string(c) == cmdBeforeSend
}

// findField returns the field that a key names, fieldCount when there is none, and whether it
// spells it exactly.
func findField(k value) (f field, exact bool) {
	key := k.bytes()
	switch string(key) {
	case "CallbackCommand":
		return fCommand, true
	case "GroupId":
		return fGroup, true
	case "Type":
		return fType, true
	case "From_Account":
		return fFrom, true
	case "Operator_Account":
		return fOperator, true
	case "Random":
		return fRandom, true
	case "MsgSeq":
		return fSeq, true
	case "MsgId":
		return fMsgID, true
	case "MsgTime":
		return fMsgTime, true
	case "MsgBody":
		return fMsgBody, true
	case "CloudCustomData":
		return fCustom, true
	case "TopicId":
		return fTopic, true
	case "EventTime":
		return fEventTime, true
	case "OnlineOnlyFlag":
		return fOnline, true
	}
	names := fieldNames()
	i, exact := findName(names[:], key)
	return field(i), exact
}

// findName returns the place of the name that key spells, len(names) when it spells none. A key
// that only case tells from a name is that name, not exactly: one reader of the body would take it
// for the name and another one would not.
func findName(names []string, key []byte) (i int, exact bool) {
	for i, n := range names {
		if string(key) == n {
			return i, true
		}
	}
	for i, n := range names {
		if (len(n) == len(key) || !ascii(key)) && strings.EqualFold(n, string(key)) {
			return i, false
		}
	}
	return len(names), false
}

func ascii(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return r >= 0x80 }) < 0
}
