package tencent

import (
	"bytes"
	"strconv"
	"time"
)

// Bounds of single fields. Group IDs have under 48 bytes, topics 96, users 32 (33529, 34385).
const (
	maxID     = 256
	maxDigits = 20
)

// text returns a string field, empty when it is missing.
func (d *decoding) text(f field) ([]byte, error) {
	v := d.e.values[f]
	if v.missing() {
		return nil, nil
	}
	if v.kind != '"' {
		return nil, wrong(fieldNames()[f])
	}
	return v.bytes(), nil
}

// id returns a field that names somebody or something and must be there.
func (d *decoding) id(f field) ([]byte, error) {
	id, ok := idOf(d.e.values[f])
	if !ok {
		return nil, wrong(fieldNames()[f])
	}
	return id, nil
}

// idOf returns a string that can be an ID. One with broken characters cannot: mended, it could name
// somebody else.
func idOf(v value) (id []byte, ok bool) {
	if v.kind != '"' {
		return nil, false
	}
	id = v.bytes()
	return id, len(id) > 0 && len(id) <= maxID && !bytes.Contains(id, []byte("\ufffd"))
}

// integer returns a whole number as it is written, as a number or, since documents and wire differ
// about that, as a string.
func (d *decoding) integer(f field) ([]byte, error) {
	v := d.e.values[f]
	if v.missing() {
		return nil, nil
	}
	if v.kind != kindNumber && v.kind != '"' {
		return nil, wrong(fieldNames()[f])
	}
	if v.kind == '"' && len(v.text) == 0 {
		return nil, nil
	}
	n := v.bytes()
	if !digits(bytes.TrimPrefix(n, []byte("-")), maxDigits) {
		return nil, wrong(fieldNames()[f])
	}
	return n, nil
}

// recallNumber returns the MsgSeq by which a message can be taken back, and nothing when it says
// none. Nobody is refused for that. Numbers begin at 1 and are given to messages that are stored
// (33526): that of an online-only message, if it has one, may be somebody else's.
func (d *decoding) recallNumber() []byte {
	if v := d.e.values[fOnline]; !v.missing() && string(v.bytes()) != "0" {
		return nil
	}
	v := d.e.values[fSeq]
	if v.kind != kindNumber && v.kind != '"' {
		return nil
	}
	if n := v.bytes(); messageNumber(n) {
		return n
	}
	return nil
}

// messageNumber tells whether n is a MsgSeq: 1 to 4294967295, in its shortest form.
func messageNumber[T string | []byte](n T) bool {
	const most = "4294967295"
	return digits(n, len(most)) && n[0] != '0' && (len(n) < len(most) || string(n) <= most)
}

// earliest is the oldest time that is believed: nothing of this is older than the millennium.
const earliest = 946684800

// at returns when it happened: EventTime in milliseconds, MsgTime in seconds, or when it was
// received. A time of nonsense is as good as none, and one ahead of our clock is ours.
func (d *decoding) at() (time.Time, error) {
	ms, err := d.millis()
	if err != nil {
		return time.Time{}, err
	}
	at := time.UnixMilli(ms)
	if ms == 0 {
		s, err := d.number(fMsgTime)
		if err != nil {
			return time.Time{}, err
		}
		at = time.Unix(s, 0)
		if s < earliest {
			return d.received, nil
		}
	}
	if at.After(d.received) {
		return d.received, nil
	}
	return at.UTC(), nil
}

// millis returns EventTime, 0 when it says nothing.
func (d *decoding) millis() (int64, error) {
	ms, err := d.number(fEventTime)
	if ms < earliest*1000 {
		return 0, err
	}
	return ms, err
}

// number returns a number or a number in a string; 0 when it is missing, out of all bounds, or not
// whole, because times are the only numbers read by it and each has a fallback.
func (d *decoding) number(f field) (int64, error) {
	v := d.e.values[f]
	if v.missing() {
		return 0, nil
	}
	if v.kind != kindNumber && v.kind != '"' {
		return 0, wrong(fieldNames()[f])
	}
	if n, err := strconv.ParseInt(string(v.bytes()), 10, 64); err == nil && n >= 0 && n <= 1<<53 {
		return n, nil
	}
	return 0, nil
}
