package tencent

import (
	"bytes"
	"unicode/utf8"
)

// Bounds of what one event may carry on.
const (
	maxText     = 64 << 10 // bytes of all text together
	maxListed   = 256      // media kinds, file names, mentions, each
	maxRelay    = 8        // merged messages within merged messages that are read
	maxDocument = 4        // JSON in strings of JSON in strings that is read
)

// harvest collects what a message's elements hold. It is reused, so that the text of a message
// costs one allocation: everything is gathered in buf, of which one string is made at the end.
type harvest struct {
	env      envelope
	buf      []byte
	full     bool // the text has reached its bound
	media    []string
	files    []string
	mentions []string
	atAll    bool
	err      error // the first wrong shape
}

// reset readies h for another message. Slices have been handed out and are not reused.
func (h *harvest) reset() {
	*h = harvest{buf: h.buf[:0]}
}

// fail records a wrong shape.
func (h *harvest) fail(err error) {
	if h.err == nil {
		h.err = err
	}
}

// add appends the text of a string value as a line of its own.
func (h *harvest) add(v value) {
	if h.full || len(v.text) == 0 {
		return
	}
	if len(h.buf) > 0 {
		h.buf = append(h.buf, '\n')
	}
	h.buf = appendText(h.buf, v)
	if n := maxText; len(h.buf) > n {
		for !utf8.RuneStart(h.buf[n]) {
			n--
		}
		h.buf, h.full = h.buf[:n], true
	}
}

func (h *harvest) kind(name string) {
	if len(h.media) < maxListed {
		h.media = append(h.media, name)
	}
}

// origin says whose words the strings of a JSON document are.
type origin int

const (
	own    origin = iota // the sender's
	quoted               // the sender's, with other people's under known keys
)

// document adds the text of a string that may be a JSON document: then the strings in it that are
// values, else the string itself. Apps put what members write into such documents.
func (h *harvest) document(v value, from origin, depth int) {
	if h.full || len(v.text) == 0 {
		return
	}
	v = value{text: v.bytes(), kind: '"'}
	if depth >= maxDocument || !looksJSON(v.text) {
		h.add(v)
		return
	}
	s := scanner{data: v.text}
	s.value()
	if s.end(); s.err != nil {
		h.add(v)
		return
	}
	h.values(v.text, from, depth)
}

// looksJSON tells whether text may be an object, an array or a string in JSON.
func looksJSON(text []byte) bool {
	t := bytes.TrimLeft(text, " \n\r\t")
	return len(t) > 1 && (t[0] == '{' || t[0] == '[' || t[0] == '"')
}

// values adds the strings of a valid JSON document that are not keys. A reply carries an abstract
// of the message that it answers: those words are somebody else's, and whoever answers a spammer
// must not be taken for one (messageReply and messageReplies of TUIKit's CloudCustomData).
func (h *harvest) values(doc []byte, from origin, depth int) {
	s := scanner{data: doc}
	for s.peek() != 0 && s.err == nil {
		if !s.at('"') {
			s.pos++
			continue
		}
		v := s.str()
		if s.peek() != ':' {
			h.document(v, from, depth+1)
			continue
		}
		s.pos++
		if from == quoted && isQuote(v) {
			s.value()
		}
	}
}

func isQuote(key value) bool {
	k := key.bytes()
	return string(k) == "messageReply" || string(k) == "messageReplies"
}
