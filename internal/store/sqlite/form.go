package sqlite

import "encoding/binary"

// form says how the points of a window or trail are packed.
type form int

const (
	formPlain form = iota // of an older version: time and digest
	formMore              // with a number behind
)

const (
	plainSize = 8 + len(digest{})
	moreSize  = 4
)

// size is the length of a packed point.
func (f form) size() int {
	if f == formPlain {
		return plainSize
	}
	return plainSize + moreSize
}

// unpack returns the first point of a body, without the number behind.
func unpack(body []byte) point {
	p := point{at: int64(binary.BigEndian.Uint64(body))} //nolint:gosec // written as the same bits
	copy(p.id[:], body[8:])
	return p
}

// more returns the number behind the first point of a body, or another one where there is none.
func (f form) more(body []byte, other uint32) uint32 {
	if f == formPlain {
		return other
	}
	return binary.BigEndian.Uint32(body[plainSize:])
}

// appendTo packs a point and a number.
func (p *point) appendTo(body []byte, more uint32) []byte {
	body = binary.BigEndian.AppendUint64(body, uint64(p.at)) //nolint:gosec // the bits are kept
	body = append(body, p.id[:]...)
	return binary.BigEndian.AppendUint32(body, more)
}
