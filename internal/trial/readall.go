package trial

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxAll bounds what ReadAll reads, in bytes.
const maxAll = 64 << 20

// ReadAll reads recorded events that may also be spread over several lines each. It stops at the first
// that is bad, with a *BadEvent.
func ReadAll(in io.Reader, name string) ([]chat.Event, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxAll+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxAll {
		return nil, &BadEvent{name, 1, 1, fmt.Sprintf("the file has more than %d bytes: use bot replay", maxAll)}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	var events []chat.Event
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var text json.RawMessage
		err := d.Decode(&text)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			bad := faultOf(err, len(data))
			return nil, badAt(data, name, bad.at, bad.text)
		}
		e, _, bad := decode(text)
		if bad != nil {
			return nil, badAt(data, name, int(d.InputOffset())-len(text)+bad.at, bad.text)
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, &BadEvent{name, 1, 1, "the file holds no event"}
	}
	return events, nil
}

// badAt places an error at a byte of a file.
func badAt(data []byte, name string, at int, text string) *BadEvent {
	before := data[:min(at, len(data))]
	return &BadEvent{name, 1 + bytes.Count(before, []byte("\n")), at - bytes.LastIndexByte(before, '\n'), text}
}
