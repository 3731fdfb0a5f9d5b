package trial

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxLine bounds one recorded event, in bytes.
const maxLine = 1 << 20

// BadEvent is an error about one recorded event, at the place that it is about.
type BadEvent struct {
	File         string
	Line, Column int // from 1
	Text         string
}

func (b *BadEvent) Error() string {
	return fmt.Sprintf("%s:%d:%d: error: %s", b.File, b.Line, b.Column, b.Text)
}

// Reader reads recorded events, one JSON object in each line. Empty lines are passed over.
type Reader struct {
	name    string
	in      *bufio.Reader
	line    int
	unknown int
}

// NewReader returns a Reader; errors call the file by the name.
func NewReader(in io.Reader, name string) *Reader {
	return &Reader{name: name, in: bufio.NewReaderSize(in, 1<<16)}
}

// Unknown returns how many events had keys that are not known. Their other keys were read: a newer
// version may have recorded them.
func (r *Reader) Unknown() int { return r.unknown }

// Next returns the next event, or io.EOF. After a *BadEvent the next line can be read.
func (r *Reader) Next() (chat.Event, error) {
	for {
		text, err := r.text()
		if err != nil {
			return chat.Event{}, err
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		e, unknown, bad := decode(text)
		if bad != nil {
			return chat.Event{}, &BadEvent{r.name, r.line, bad.at + 1, bad.text}
		}
		if unknown {
			r.unknown++
		}
		return e, nil
	}
}

// text returns the next line, which is good until the next call.
func (r *Reader) text() ([]byte, error) {
	text, err := r.in.ReadSlice('\n')
	if len(text) > 0 {
		r.line++
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		if errors.Is(err, io.EOF) && len(text) > 0 {
			err = nil
		}
		return r.trimmed(text), r.failed(err)
	}
	whole, long := append([]byte(nil), text...), false
	for errors.Is(err, bufio.ErrBufferFull) {
		text, err = r.in.ReadSlice('\n')
		if long = long || len(whole)+len(text) > maxLine; !long {
			whole = append(whole, text...)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, r.failed(err)
	}
	if long {
		return nil, &BadEvent{r.name, r.line, 1, fmt.Sprintf("the line has more than %d bytes", maxLine)}
	}
	return r.trimmed(whole), nil
}

// trimmed takes a byte order mark off the first line.
func (r *Reader) trimmed(text []byte) []byte {
	if r.line == 1 {
		return bytes.TrimPrefix(text, []byte("\uFEFF"))
	}
	return text
}

func (r *Reader) failed(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("reading %s: %w", r.name, err)
}

// fault is what is wrong with an event, at a byte of its text, from 0.
type fault struct {
	at   int
	text string
}

// decode reads one event and fills in what may be left out. Its own text is what an event without an
// ID is known by.
func decode(text []byte) (e chat.Event, unknown bool, bad *fault) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&e)
	if err != nil && strings.HasPrefix(err.Error(), "json: unknown field") { // which has no type
		e, unknown = chat.Event{}, true
		d = json.NewDecoder(bytes.NewReader(text))
		err = d.Decode(&e)
	}
	if err != nil {
		return e, false, faultOf(err, len(text))
	}
	if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
		return e, false, &fault{len(text) - len(rest), "something stands behind the event"}
	}
	for _, need := range []struct {
		key     string
		missing bool
	}{
		{"at", e.At.IsZero()}, {"group", e.Group.ID == ""}, {"kind", e.Kind == ""}, {"member", e.Member == ""},
	} {
		if need.missing {
			return e, false, &fault{0, fmt.Sprintf("the event has no %q", need.key)}
		}
	}
	if e.Provider == "" {
		e.Provider = chat.Tencent
	}
	switch {
	case e.Kind != chat.Message && e.Kind != chat.Join && e.Kind != chat.Leave:
		return e, false, &fault{keyAt(text, "kind"), fmt.Sprintf("kind %.40q is not message, join or leave", e.Kind)}
	case e.Provider != chat.Tencent && e.Provider != chat.CAMS:
		return e, false, &fault{keyAt(text, "provider"), fmt.Sprintf("provider %.40q is not tencent or cams", e.Provider)}
	case e.At.Year() < 2000 || e.At.Year() > 2199:
		return e, false, &fault{keyAt(text, "at"), "at is not between the years 2000 and 2199"}
	}
	if e.ID == "" {
		e.ID = chat.EventID(chat.Digest("recorded", string(text)))
	}
	e.Received = e.At
	return e, unknown, nil
}

// keyAt finds a key's value in an event's text.
func keyAt(text []byte, key string) int { return max(0, bytes.Index(text, []byte(`"`+key+`"`))) }

// faultOf places an error of the JSON decoder. It repeats nothing of the event but names of keys.
func faultOf(err error, size int) *fault {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var when *time.ParseError
	switch {
	case errors.As(err, &syntax):
		return &fault{max(0, int(syntax.Offset)-1), "not JSON: " + syntax.Error()}
	case errors.As(err, &kind) && kind.Field == "":
		return &fault{0, "the line is not a JSON object"}
	case errors.As(err, &kind):
		return &fault{max(0, int(kind.Offset)-1), fmt.Sprintf("%s cannot be a %s", strings.TrimPrefix(kind.Field, "Group."), kind.Value)}
	case errors.As(err, &when), strings.HasPrefix(err.Error(), "Time.UnmarshalJSON"): // which has no type
		return &fault{0, "a time is not written as 2026-11-20T09:00:00.123Z"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &fault{size, "the event ends in its middle"}
	}
	return &fault{0, "not an event: " + err.Error()}
}
