package tencent

import (
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
)

// elements reads a MsgBody, the array at s, which relay merged messages surround.
func (h *harvest) elements(s *scanner, relay int) {
	for more := s.open('['); more; more = s.next('[') {
		if s.peek() != '{' {
			s.value()
			h.fail(wrong("MsgBody"))
			continue
		}
		h.element(s, relay)
	}
}

func (h *harvest) element(s *scanner, relay int) {
	names := [...]string{"MsgType", "MsgContent"}
	var typ value
	var c content
	var seen [len(names)]bool
	for more := s.open('{'); more; more = s.next('{') {
		i, exact := find(names[:], s.key())
		switch {
		case i == len(names):
			s.value()
		case !exact || seen[i]:
			s.value()
			h.fail(ambiguous(names[i]))
		case i == 0:
			typ, seen[i] = s.value(), true
		default:
			c.read(s)
			seen[i] = true
		}
	}
	if s.err != nil {
		return
	}
	if typ.kind != '"' {
		h.fail(wrong("MsgType"))
		return
	}
	h.take(typ.bytes(), &c, relay)
}

// take adds what an element of a known type holds. Types that are not known hold nothing.
func (h *harvest) take(typ []byte, c *content, relay int) {
	switch string(typ) {
	case "TIMTextElem":
		h.text(c, pText)
	case "TIMFaceElem":
		h.kind(chat.Sticker)
		h.text(c, pData)
	case "TIMCustomElem":
		h.kind(chat.Custom)
		if v := h.part(c, pData, '"'); !v.missing() {
			h.document(v, own, 0)
		}
		h.text(c, pDesc)
		h.text(c, pExt)
	case "TIMLocationElem":
		h.kind(chat.Location)
		h.text(c, pDesc)
	case "TIMFileElem":
		h.kind(chat.File)
		if v := h.text(c, pFileName); len(v.text) > 0 && len(h.files) < maxListed {
			h.files = append(h.files, cut(string(v.bytes()), maxText))
		}
	case "TIMImageElem":
		h.kind(chat.Image)
	case "TIMSoundElem":
		h.kind(chat.Audio)
	case "TIMVideoFileElem":
		h.kind(chat.Video)
	case "TIMRelayElem":
		h.kind(chat.Forward)
		h.text(c, pTitle)
		h.strings(h.part(c, pAbstract, '['))
		h.text(c, pCompatible)
		h.merged(h.part(c, pMsgList, '['), relay)
	}
}

func (h *harvest) text(c *content, p part) value {
	v := h.part(c, p, '"')
	h.add(v)
	return v
}

// strings adds the strings of an array.
func (h *harvest) strings(list value) {
	if list.missing() {
		return
	}
	s := scanner{data: list.text}
	for more := s.open('['); more; more = s.next('[') {
		if v := s.value(); v.kind == '"' {
			h.add(v)
		} else if !v.missing() {
			h.fail(wrong("AbstractList"))
		}
	}
}

// merged reads the messages that a relay element carries. What is nested deeper than maxRelay is
// passed over, not refused: a refused body is a message that nobody judges.
func (h *harvest) merged(list value, relay int) {
	if list.missing() || relay >= maxRelay {
		return
	}
	names := [...]string{"MsgBody", "CloudCustomData"}
	s := scanner{data: list.text}
	for more := s.open('['); more; more = s.next('[') {
		if s.peek() != '{' {
			s.value()
			h.fail(wrong("MsgList"))
			continue
		}
		var seen [len(names)]bool
		for more := s.open('{'); more; more = s.next('{') {
			i, exact := find(names[:], s.key())
			switch {
			case i == len(names):
				s.value()
				continue
			case !exact || seen[i]:
				s.value()
				h.fail(ambiguous(names[i]))
				continue
			}
			seen[i] = true
			if i == 0 && s.peek() == '[' {
				h.elements(&s, relay+1)
				continue
			}
			h.custom(s.value(), i)
		}
	}
}

// custom adds the CloudCustomData of a merged message; a MsgBody that comes here is no array.
func (h *harvest) custom(v value, i int) {
	switch {
	case v.missing():
	case i == 1 && v.kind == '"':
		h.document(v, quoted, 0)
	case i == 1:
		h.fail(wrong("CloudCustomData"))
	default:
		h.fail(wrong("MsgBody"))
	}
}

// find is findName for a key as it was scanned.
func find(names []string, k value) (int, bool) {
	return findName(names, k.bytes())
}

func wrong(name string) error {
	return fmt.Errorf("decoding the body: %s is of a wrong type", name)
}

func ambiguous(name string) error {
	return fmt.Errorf("decoding the body: %s is ambiguous", name)
}
