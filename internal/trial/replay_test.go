package trial_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/trial"
)

const replayed = `version: 1
defaults: {exempt: {members: [boss]}}
rules:
  - id: word
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}, {alert: {severity: info}}]
  - id: watch
    on: message
    mode: shadow
    when: {text: {has_any: ["casino", "bingo"]}}
    then: [{remove: {}}]
  - id: flood
    on: message
    mode: enforce
    when: {count: {messages: 3, within: 10s}}
    then: [{mute: {for: 1m}}]
  - id: sleeper
    on: message
    mode: off
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
`

// said is a message of a recording.
func said(after time.Duration, member, text string) chat.Event {
	return chat.Event{
		At: start.Add(after), Group: place, GroupType: chat.Public, Kind: chat.Message, Member: chat.MemberID(member), Text: text,
		ID: chat.EventID(fmt.Sprint(after, member, text)),
	}
}

func record(t testing.TB, events ...chat.Event) *trial.Reader {
	t.Helper()
	var b strings.Builder
	for _, e := range events {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return trial.NewReader(strings.NewReader(b.String()), "events.ndjson")
}

func replay(t testing.TB, in *trial.Reader, c trial.ReplayConfig) *trial.Report {
	t.Helper()
	r, err := trial.Replay(t.Context(), in, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReplayCountsByRule(t *testing.T) {
	join := said(0, "ann", "")
	join.Kind = chat.Join
	asked := said(3*time.Second, "bob", "casino")
	asked.Asked = true
	other := said(20*time.Second, "ann", "casino")
	other.Group.ID = "@TGS#2"
	trusted := said(30*time.Second, "admin", "casino")
	trusted.Trusted = true
	r := replay(t, record(t,
		join, said(time.Second, "ann", "casino"), said(2*time.Second, "ann", "casino again"),
		asked, said(3*time.Second, "bob", "casino"), // before and after it was sent
		said(4*time.Second, "cat", "bingo"), said(5*time.Second, "cat", "hello"), said(6*time.Second, "cat", "hello?"), said(7*time.Second, "cat", "hello!"),
		said(8*time.Second, "boss", "casino"), other, trusted,
	), trial.ReplayConfig{Rules: load(t, replayed), Samples: 2, ShowText: true})
	if e := r.Events; e.Total != 12 || e.Messages != 11 || e.Joins != 1 || e.NotJudged != 2 || e.Groups.N != 2 || e.Members.N != 5 || e.Late != 0 ||
		!e.From.Equal(start) || !e.To.Equal(start.Add(30*time.Second)) {
		t.Errorf("events %+v", e)
	}
	var got strings.Builder
	for _, rule := range r.Rules {
		fmt.Fprintln(&got, rule.Rule, rule.Mode, rule.Wants, rule.Hits, rule.Members, rule.Groups, rule.Done, rule.Deduplicated, len(rule.Removed), len(rule.Samples))
	}
	want := `word enforce [remove alert] 4 3 2 map[alert:4 remove:3] map[remove:1] 3 2
watch shadow [remove] 5 4 2 map[] map[] 0 2
flood enforce [mute] 2 1 1 map[mute:1] map[mute:1] 0 2
sleeper off [remove] 0 0 0 map[] map[] 0 0
`
	if got.String() != want || r.Removed.N != 3 {
		t.Errorf("removed %v\n%swant\n%s", r.Removed, got.String(), want)
	}
	s := r.Rules[0].Samples[0]
	id := chat.NewCaseID(place, said(time.Second, "ann", "casino").ID, "casino")
	if s.Code != id.Code() || s.Member != "ann" || s.Text != "casino" || s.Why == "" || s.Mode != "enforce" {
		t.Errorf("sample %+v", s)
	}
}

func TestReplayHidesText(t *testing.T) {
	in := func() *trial.Reader { return record(t, said(0, "ann", "a secret casino")) }
	for _, show := range []bool{false, true} {
		r := replay(t, in(), trial.ReplayConfig{Rules: load(t, replayed), Against: load(t, strings.Replace(replayed, "casino", "poker", 1)), Samples: 3, ShowText: show})
		var printed strings.Builder
		(&trial.Printer{Out: &printed}).Report(r)
		text, err := json.Marshal(r)
		if err != nil || strings.Contains(string(text), "secret") != show || strings.Contains(printed.String(), "secret") != show {
			t.Errorf("show %v: %v\n%s\n%s", show, err, text, printed.String())
		}
	}
}

func TestReplayKnowsWhoHasBeenThereForLong(t *testing.T) {
	const day = 24 * time.Hour
	by := func(days int, member string) chat.Event { return said(time.Duration(days)*day, member, "casino") }
	join := func(days int, member string) chat.Event {
		e := said(time.Duration(days)*day, member, "")
		e.Kind, e.ID = chat.Join, e.ID+"join"
		return e
	}
	says := by(1, "says")
	says.JoinedAt = says.At.Add(-91 * day)
	late := by(1, "said")
	late.JoinedAt = late.At.Add(-89 * day)
	r := replay(t, record(t, join(0, "joined"), said(0, "seen", "hello"), join(0, "back"), says, late, by(1, "new"), join(50, "back"),
		by(91, "joined"), by(91, "seen"), by(91, "back"), by(92, "joined")), trial.ReplayConfig{Rules: load(t, replayed)})
	if l := r.LongTime; l.Members.N != 3 || l.JoinedAt != 1 || l.Join != 1 || l.FirstSeen != 1 || len(l.Samples) != 3 {
		t.Errorf("%+v", l)
	}
	if r.Removed.N != 6 {
		t.Errorf("removed %v", r.Removed)
	}
}

func TestReplayAgainstOtherRules(t *testing.T) {
	old := strings.Replace(replayed, `has_any: ["casino"]`, `has_any: ["poker"]`, 1)
	r := replay(t, record(t, said(0, "ann", "casino"), said(time.Second, "bob", "poker"), said(2*time.Second, "cat", "casino poker"),
		said(3*time.Second, "bob", "casino"), said(4*time.Second, "dan", "hello")), trial.ReplayConfig{Rules: load(t, replayed), Against: load(t, old), Samples: 1})
	d := r.Against
	if d == nil || d.Both != 1 || d.OnlyNew.Cases != 2 || d.OnlyNew.Members != 1 || d.OnlyOld.Cases != 1 || d.OnlyOld.Members != 0 ||
		len(d.OnlyNew.Samples) != 1 || d.OnlyNew.Samples[0].Member != "ann" || len(d.OnlyOld.Samples) != 1 {
		t.Fatalf("%+v", d)
	}
	if len(d.Rules) != 1 || d.Rules[0] != (trial.RuleDifference{Rule: "word", OnlyNew: 2, OnlyOld: 1}) {
		t.Errorf("%+v", d.Rules)
	}
}

func TestReplayTellsOfBadAndUnsortedLines(t *testing.T) {
	lines := strings.Repeat("nonsense\n", 30) + least + "\n" + strings.Replace(least, "09:00", "08:58", 1) + "\n"
	for _, skip := range []bool{false, true} {
		r := replay(t, trial.NewReader(strings.NewReader(lines), "f"), trial.ReplayConfig{Rules: load(t, replayed), SkipBad: skip})
		judged := map[bool]int{false: 0, true: 2}[skip]
		if r.Events.Bad != 30 || len(r.Bad) != 20 || r.Events.Total != judged || r.Events.Late != judged/2 {
			t.Errorf("skip %v: %+v", skip, r.Events)
		}
	}
}

// stopping is a recording that ends its context when it is read.
type stopping struct {
	in   io.Reader
	stop func()
}

func (s *stopping) Read(b []byte) (int, error) {
	s.stop()
	return s.in.Read(b)
}

func TestAnInterruptedReplaySaysWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := trial.Replay(ctx, trial.NewReader(&stopping{newTraffic(100_000), cancel}, "f"), trial.ReplayConfig{Rules: load(t, replayed)})
	if err != nil || !r.Interrupted || r.Events.Total == 0 || r.Events.Total > 1000 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestReplayOfMuchTraffic(t *testing.T) {
	const n = 20_000
	r := replay(t, trial.NewReader(newTraffic(n), "f"), trial.ReplayConfig{Rules: load(t, replayed), Samples: 3})
	if r.Events.Total != n || r.Events.Bad != 0 || r.Rules[0].Hits == 0 || r.Rules[2].Done[chat.Mute] == 0 {
		t.Errorf("%+v", r)
	}
}

func BenchmarkReplay(b *testing.B) {
	rules := load(b, replayed)
	b.ReportAllocs()
	r := replay(b, trial.NewReader(newTraffic(b.N), "f"), trial.ReplayConfig{Rules: rules})
	if r.Events.Total != b.N {
		b.Fatal(r.Events.Total)
	}
}
