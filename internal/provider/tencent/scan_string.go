package tencent

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// str reads the string at pos. Plain ASCII passes eight bytes at a time.
func (s *scanner) str() value {
	v := value{kind: '"'}
	start := s.pos + 1
	i, high := start, false
	for {
		i += plain(s.data[min(i, len(s.data)):])
		if i >= len(s.data) {
			s.fail("unterminated string")
			return value{}
		}
		switch c := s.data[i]; {
		case c == '"':
			v.text = s.data[start:i]
			v.dirty = v.dirty || high && !utf8.Valid(v.text)
			s.pos = i + 1
			return v
		case c == '\\':
			n := escapeLen(s.data[i:])
			if n == 0 {
				s.pos = i
				s.fail("bad escape")
				return value{}
			}
			v.dirty = true
			i += n
		case c < 0x20:
			s.pos = i
			s.fail("control character")
			return value{}
		default:
			high = true
			for i < len(s.data) && s.data[i] >= utf8.RuneSelf {
				i++
			}
		}
	}
}

// plain counts the leading bytes that are printable ASCII other than quote and backslash.
func plain(b []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^ones*'"', x^ones*'\\'
		// Each term sets the top bit of the lowest byte that it looks for; a borrow can only
		// disturb bytes above that one.
		odd := (x | (x-ones*0x20)&^x | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}
