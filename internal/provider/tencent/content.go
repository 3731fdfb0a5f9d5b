package tencent

// part numbers the keys of MsgContent that hold text (33527).
type part uint8

const (
	pText part = iota
	pData
	pDesc
	pExt
	pFileName
	pTitle
	pCompatible
	pAbstract
	pMsgList
	partCount
)

func partNames() [partCount]string {
	return [partCount]string{
		"Text", "Data", "Desc", "Ext", "FileName", "Title", "CompatibleText", "AbstractList", "MsgList",
	}
}

// content is one MsgContent. It is read before it is known to which type it belongs, since keys
// come in any order.
type content struct {
	parts     [partCount]value
	seen      uint16
	ambiguous uint16
	kind      byte // of MsgContent itself
}

// read reads a MsgContent of any shape.
func (c *content) read(s *scanner) {
	if c.kind = s.peek(); c.kind != '{' {
		s.value()
		return
	}
	names := partNames()
	for more := s.open('{'); more; more = s.next('{') {
		k := s.key()
		i, exact := find(names[:], k)
		if i == int(pFileName) && string(k.text) == "fileName" { // 33527 spells it both ways
			exact = true
		}
		v := s.value()
		switch {
		case i == len(names):
		case !exact || c.seen>>i&1 == 1:
			c.ambiguous |= 1 << i
		default:
			c.seen |= 1 << i
			c.parts[i] = v
		}
	}
}

// part returns one part of a content, which must be of a kind or missing.
func (h *harvest) part(c *content, p part, kind byte) value {
	if c.kind != '{' && c.kind != 'n' && c.kind != kindNone {
		h.fail(wrong("MsgContent"))
		return value{}
	}
	if c.ambiguous>>p&1 == 1 {
		h.fail(ambiguous(partNames()[p]))
		return value{}
	}
	v := c.parts[p]
	if v.missing() {
		return value{}
	}
	if v.kind != kind {
		h.fail(wrong(partNames()[p]))
		return value{}
	}
	return v
}
