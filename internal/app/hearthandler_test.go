package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// asked notes what it is handed, and answers with a verdict for each event that names it.
type asked struct {
	events []chat.Event
	err    error
}

func (a *asked) Handle(_ context.Context, events []chat.Event) ([]chat.Verdict, error) {
	a.events = append(a.events, events...)
	if a.err != nil {
		return nil, a.err
	}
	out := make([]chat.Verdict, len(events))
	for i := range events {
		out[i] = chat.Verdict{Block: true, Text: string(events[i].ID)}
	}
	return out, nil
}

func idsOf(events []chat.Event) (ids []string) {
	for i := range events {
		ids = append(ids, string(events[i].ID))
	}
	return ids
}

func TestBeatsAreTakenOutOfWhatIsHandedIn(t *testing.T) {
	now := time.Now()
	of := func(p chat.Provider, id chat.EventID, age time.Duration) chat.Event {
		return chat.Event{Group: chat.Group{Provider: p}, ID: id, At: now.Add(-age)}
	}
	real1, real2 := of(chat.Tencent, "r1", time.Hour), of(chat.CAMS, "r2", 0)
	beat, late := of(chat.Heartbeat, "b", 0), of(chat.Heartbeat, "late", time.Hour)
	away := errors.New("the store is away")
	for _, test := range []struct {
		name                 string
		events               []chat.Event
		nextFails, beatFails error
		next, beats          []string
		verdicts             []string
		fails                bool
	}{
		{name: "nothing"},
		{name: "events alone", events: []chat.Event{real1, real2}, next: []string{"r1", "r2"}, verdicts: []string{"r1", "r2"}},
		{name: "a beat alone", events: []chat.Event{beat}, beats: []string{"b"}, verdicts: []string{""}},
		{name: "a beat that is late", events: []chat.Event{late}, verdicts: []string{""}},
		{name: "both", events: []chat.Event{beat, real1, late, real2}, next: []string{"r1", "r2"}, beats: []string{"b"}, verdicts: []string{"", "r1", "", "r2"}},
		{name: "a beat that fails", events: []chat.Event{beat}, beatFails: away, beats: []string{"b"}, fails: true},
		{name: "a beat that fails beside an event", events: []chat.Event{beat, real1}, beatFails: away, next: []string{"r1"}, beats: []string{"b"}, verdicts: []string{"", "r1"}},
		{name: "an event that fails", events: []chat.Event{real1}, nextFails: away, next: []string{"r1"}, fails: true},
		{name: "an event that fails beside a beat", events: []chat.Event{beat, real1}, nextFails: away, next: []string{"r1"}, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			next, beats := &asked{err: test.nextFails}, &asked{err: test.beatFails}
			got, err := hearing{next, beats, func() time.Time { return now }}.Handle(t.Context(), test.events)
			if (err != nil) != test.fails || err != nil && !errors.Is(err, away) {
				t.Errorf("failed with %v", err)
			}
			if !slices.Equal(idsOf(next.events), test.next) || !slices.Equal(idsOf(beats.events), test.beats) {
				t.Errorf("next got %v, beats %v", idsOf(next.events), idsOf(beats.events))
			}
			var texts []string
			for _, v := range got {
				texts = append(texts, v.Text)
			}
			if !slices.Equal(texts, test.verdicts) {
				t.Errorf("answered %q", texts)
			}
		})
	}
}
