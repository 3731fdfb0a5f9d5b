package tencent

import "fmt"

// maxDepth bounds how deep a body nests. It is far over what any message needs, because a body that
// is refused is a message that nobody judges: merged messages within merged messages take five
// levels each, and 12 KB of them (34348, code 80002) must not get past us by nesting alone. Depth
// costs one bit a level here, so the bound is cheap.
const maxDepth = 1024

// value is one JSON value as it stands in the body.
type value struct {
	text  []byte // of a string what is between the quotes, else the whole value
	kind  byte   // first byte: '"' { [ t f n, or one of the kinds below
	dirty bool   // a string that has escapes or bytes that are not UTF-8
}

// Kinds of values that a first byte does not name.
const (
	kindNone   byte = 0
	kindNumber byte = '0'
)

// missing tells whether there is no value; null stands for none.
func (v value) missing() bool { return v.kind == kindNone || v.kind == 'n' }

// scanner reads JSON (RFC 8259) in one pass and validates everything that it passes. Its first
// error sticks and ends the input, so that callers check it once.
type scanner struct {
	data  []byte
	pos   int
	depth int // containers that are open around pos
	err   error
}

func (s *scanner) fail(what string) {
	if s.err == nil {
		s.err = fmt.Errorf("%s at byte %d of the body", what, s.pos)
	}
	s.pos = len(s.data)
}

// peek returns the next byte that is not white space, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// open enters the object or array that begins with c, and tells whether it holds anything.
func (s *scanner) open(c byte) bool {
	if s.peek() != c {
		s.fail("unexpected value")
		return false
	}
	if s.depth == maxDepth {
		s.fail("too deep nesting")
		return false
	}
	s.pos++
	s.depth++
	if s.peek() == c+2 { // ']' and '}' follow their opening by two in ASCII
		s.pos++
		s.depth--
		return false
	}
	return s.err == nil
}

// next moves past the comma after an element or member, or past the end of its container, which is
// named by its opening c. It tells whether there is another one.
func (s *scanner) next(c byte) bool {
	switch s.peek() {
	case ',':
		s.pos++
		return s.err == nil
	case c + 2:
		s.pos++
		s.depth--
	default:
		s.fail("expected a comma or the end")
	}
	return false
}

// key reads the name of an object's member and the colon after it.
func (s *scanner) key() value {
	if s.peek() != '"' {
		s.fail("expected a key")
		return value{}
	}
	k := s.str()
	if s.peek() != ':' {
		s.fail("expected a colon")
		return value{}
	}
	s.pos++
	return k
}

// end checks that nothing but white space follows, in particular no second document.
func (s *scanner) end() {
	if s.err == nil && s.peek() != 0 || s.pos < len(s.data) {
		s.fail("unexpected data after the end")
	}
}

// value reads one value of any kind.
func (s *scanner) value() value {
	c := s.peek()
	start := s.pos
	switch c {
	case '"':
		return s.str()
	case '{', '[':
		s.container()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
		c = kindNumber
	}
	if s.err != nil {
		return value{}
	}
	return value{text: s.data[start:s.pos], kind: c}
}

// container passes over a whole object or array without recursion.
func (s *scanner) container() {
	var object [maxDepth/64 + 1]uint64 // by depth: the container is an object
	base := s.depth
	for s.err == nil {
		c := s.peek()
		if c == '{' || c == '[' {
			more := s.open(c)
			if more {
				at := s.depth
				object[at/64] &^= 1 << (at % 64)
				if c == '{' {
					object[at/64] |= 1 << (at % 64)
					s.key()
				}
				continue
			}
		} else {
			s.value()
		}
		// A value has ended: close containers until one has another member.
		for s.err == nil {
			if s.depth == base {
				return
			}
			open := byte('[')
			if object[s.depth/64]>>(s.depth%64)&1 == 1 {
				open = '{'
			}
			if s.next(open) {
				if open == '{' {
					s.key()
				}
				break
			}
		}
	}
}

func (s *scanner) word(w string) {
	if len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		s.fail("unexpected word")
		return
	}
	s.pos += len(w)
}

// number passes over a number: a minus sign, an integer without leading zeros, a fraction, an
// exponent.
func (s *scanner) number() {
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		s.fail("unexpected character")
		return
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			s.fail("number without digits")
			return
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			s.fail("number without digits")
		}
	}
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}
