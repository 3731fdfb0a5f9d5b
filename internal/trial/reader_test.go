package trial_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/trial"
)

// readAll reads to the end, with the bad lines as texts.
func readAll(t testing.TB, r *trial.Reader) (events []chat.Event, bad []string) {
	t.Helper()
	for {
		e, err := r.Next()
		var at *trial.BadEvent
		switch {
		case errors.Is(err, io.EOF):
			return events, bad
		case errors.As(err, &at):
			bad = append(bad, err.Error())
		case err != nil:
			t.Fatal(err)
		default:
			events = append(events, e)
		}
	}
}

const least = `{"at":"2026-11-20T09:00:00Z","group":"g","kind":"message","member":"m"}`

func TestWhatAnEventMayLeaveOut(t *testing.T) {
	r := trial.NewReader(strings.NewReader("\uFEFF"+least+"\r\n\n  "+strings.Replace(least, `"m"`, `"n"`, 1)+"\n"+least), "f")
	events, bad := readAll(t, r)
	if len(bad) > 0 || len(events) != 3 {
		t.Fatalf("%v, %v", events, bad)
	}
	if events[0].ID == "" || events[0].ID == events[1].ID || events[0].ID != events[2].ID {
		t.Errorf("IDs %q, %q, %q: they should follow from what the lines say", events[0].ID, events[1].ID, events[2].ID)
	}
	events[0].ID = ""
	want := chat.Event{At: start, Received: start, Kind: chat.Message, Member: "m", Group: chat.Group{Provider: chat.Tencent, ID: "g"}}
	if !reflect.DeepEqual(events[0], want) {
		t.Errorf("got %+v, want %+v", events[0], want)
	}
}

func TestWrittenAndRead(t *testing.T) {
	want := chat.Event{
		At: start.Add(time.Nanosecond), Received: start.Add(time.Nanosecond), Group: chat.Group{Provider: chat.CAMS, Account: "a", ID: "g\x00\n"},
		GroupType: chat.WhatsApp, Topic: "t", ID: "e", Kind: chat.Message, Member: "}{", Name: "Ann", Text: "加微信\u2028<b>", Media: []string{"image"},
		Files: []string{"x"}, Mentions: []string{"y"}, AtAll: true, Message: "7", JoinedAt: start, Inviter: "i", JoinKind: chat.Invited,
		Asked: true, Late: true, Trusted: true,
	}
	line, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	events, bad := readAll(t, trial.NewReader(bytes.NewReader(line), "f"))
	if len(bad) > 0 || len(events) != 1 || !reflect.DeepEqual(events[0], want) {
		t.Errorf("got %+v, %v\nwant %+v", events, bad, want)
	}
}

func TestBadLinesHavePlaces(t *testing.T) {
	long := `{"text":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, test := range []struct{ line, want string }{
		{"hello", `f:2:1: error: not JSON: invalid character 'h' looking for beginning of value`},
		{`{"at":}`, `f:2:7: error: not JSON: invalid character '}' looking for beginning of value`},
		{`{"at":"2026-11-20T09:00:00Z"`, `f:2:29: error: the event ends in its middle`},
		{"[]", `f:2:1: error: the line is not a JSON object`},
		{"{}", `f:2:1: error: the event has no "at"`},
		{`{"at":"yesterday"}`, `f:2:1: error: a time is not written as 2026-11-20T09:00:00.123Z`},
		{`{"at":1763629200}`, `f:2:1: error: a time is not written as 2026-11-20T09:00:00.123Z`},
		{strings.Replace(least, "2026", "1026", 1), `f:2:2: error: at is not between the years 2000 and 2199`},
		{strings.Replace(least, `"g"`, `""`, 1), `f:2:1: error: the event has no "group"`},
		{strings.Replace(least, `,"member":"m"`, ``, 1), `f:2:1: error: the event has no "member"`},
		{strings.Replace(least, `"g"`, `7`, 1), `f:2:38: error: group cannot be a number`},
		{strings.Replace(least, `message`, `shout`, 1), `f:2:42: error: kind "shout" is not message, join or leave`},
		{strings.Replace(least, `}`, `,"provider":"irc"}`, 1), `f:2:72: error: provider "irc" is not tencent or cams`},
		{least + least, `f:2:72: error: something stands behind the event`},
		{long, `f:2:1: error: the line has more than 1048576 bytes`},
	} {
		events, bad := readAll(t, trial.NewReader(strings.NewReader("\n"+test.line+"\n"+least+"\n"), "f"))
		if len(events) != 1 || len(bad) != 1 || bad[0] != test.want {
			t.Errorf("%.80s\n got %d events, %v\nwant %s", test.line, len(events), bad, test.want)
		}
	}
}

func TestKeysOfANewerVersionAreCounted(t *testing.T) {
	r := trial.NewReader(strings.NewReader(strings.Replace(least, "}", `,"mood":"happy","text":"hello"}`, 1)+"\n"+least+"\n"), "f")
	events, bad := readAll(t, r)
	if len(bad) > 0 || len(events) != 2 || events[0].Text != "hello" || r.Unknown() != 1 {
		t.Errorf("%v, %v, %d unknown", events, bad, r.Unknown())
	}
}

func TestReadAllTakesEventsOverSeveralLines(t *testing.T) {
	pretty := strings.ReplaceAll(least, ",", ",\n  ")
	events, err := trial.ReadAll(strings.NewReader(pretty+"\n\n"+least+"\n"), "f")
	if err != nil || len(events) != 2 {
		t.Fatalf("%v, %v", events, err)
	}
	for text, want := range map[string]string{
		"": "f:1:1: error: the file holds no event",
		pretty + "\n" + strings.Replace(pretty, "message", "shout", 1): `f:7:3: error: kind "shout" is not message, join or leave`,
		least + "\n {\"at\" 7}": "f:2:8: error: not JSON: invalid character '7' after object key",
		"\n\n" + least[:20]:     "f:3:21: error: the event ends in its middle",
	} {
		if _, err := trial.ReadAll(strings.NewReader(text), "f"); err == nil || err.Error() != want {
			t.Errorf("%q\n got %v\nwant %s", text, err, want)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestAFileThatCannotBeReadIsNoBadLine(t *testing.T) {
	_, err := trial.NewReader(broken{}, "f").Next()
	var bad *trial.BadEvent
	if err == nil || errors.As(err, &bad) || err.Error() != "reading f: the disk is gone" {
		t.Error(err)
	}
}

// FuzzReader wants every line to be read or refused at a place, and what was read to be written and
// read again as the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{least, "{}", "[", "\n\n", least + "\n" + least, `{"at":"x"}`, `{"at":"2026-11-20T09:00:00+08:00","group":"g","kind":"join","member":"\ud800","x":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte("\n")) + 1
		events, bad := readAll(t, trial.NewReader(bytes.NewReader(data), "f"))
		if len(events)+len(bad) > lines {
			t.Fatalf("%d events and %d bad lines in %d lines", len(events), len(bad), lines)
		}
		for _, b := range bad {
			var line, column int
			if n, err := fmt.Sscanf(b, "f:%d:%d: error: ", &line, &column); n != 2 || err != nil || line < 1 || line > lines || column < 1 {
				t.Fatalf("a bad line without its place: %s", b)
			}
		}
		for _, e := range events {
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("%+v cannot be written: %v", e, err)
			}
			again, bad := readAll(t, trial.NewReader(bytes.NewReader(text), "f"))
			if len(bad) > 0 || len(again) != 1 || !again[0].At.Equal(e.At) || again[0].ID != e.ID || again[0].Text != e.Text || again[0].Member != e.Member {
				t.Fatalf("%+v was read again as %+v, %v", e, again, bad)
			}
		}
		if all, err := trial.ReadAll(bytes.NewReader(data), "f"); err == nil && len(all) == 0 {
			t.Fatal("no event and no error")
		}
	})
}
