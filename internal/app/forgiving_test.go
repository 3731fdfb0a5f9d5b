package app

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/pipeline"
)

// shelf is a store that notes which cases it is handed.
type shelf struct {
	pipeline.Store
	handed []chat.CaseID
	err    error
}

func (s *shelf) Commit(_ context.Context, cases []chat.Case) ([]chat.Committed, error) {
	done := make([]chat.Committed, len(cases))
	for i := range cases {
		s.handed = append(s.handed, cases[i].ID)
		done[i].Queued = i + 1
	}
	return done, s.err
}

func TestNoCaseOfWhoCameBackIsStored(t *testing.T) {
	failure := errors.New("a failure")
	cases := []chat.Case{{ID: "1", Event: chat.Event{Member: "ann"}}, {ID: "2", Event: chat.Event{Member: "bob"}}, {ID: "3", Event: chat.Event{Member: "eve"}}}
	for name, row := range map[string]struct {
		back       string // the initials of who is
		asked, err error  // of the spool, and of the store
		handed     []chat.CaseID
		want       []chat.Committed
	}{
		"nobody":            {handed: []chat.CaseID{"1", "2", "3"}, want: []chat.Committed{{Queued: 1}, {Queued: 2}, {Queued: 3}}},
		"one":               {back: "b", handed: []chat.CaseID{"1", "3"}, want: []chat.Committed{{Queued: 1}, {Known: true}, {Queued: 2}}},
		"all":               {back: "abe", want: []chat.Committed{{Known: true}, {Known: true}, {Known: true}}},
		"it is not known":   {asked: failure},
		"the store fails":   {back: "a", err: failure, handed: []chat.CaseID{"2", "3"}},
		"nobody, and fails": {err: failure, handed: []chat.CaseID{"1", "2", "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{err: row.err}
			f := forgiving{s, func(_ context.Context, events []chat.Event) ([]bool, error) {
				back := make([]bool, len(events))
				for i := range events {
					back[i] = slices.Contains([]byte(row.back), events[i].Member[0])
				}
				return back, row.asked
			}}
			got, err := f.Commit(t.Context(), cases)
			if failed := row.asked != nil || row.err != nil; failed != errors.Is(err, failure) || !reflect.DeepEqual(got, row.want) || !slices.Equal(s.handed, row.handed) {
				t.Errorf("%+v, %v, handed on %v", got, err, s.handed)
			}
		})
	}
}
