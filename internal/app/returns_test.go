package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// fewMemos keeps memos, and can be told to fail.
type fewMemos struct {
	memos []chat.Memo
	away  bool
	reads int
	now   time.Time
}

var errMemosAway = errors.New("the memos are away")

func (f *fewMemos) Memos(_ context.Context, kind string) (out []chat.Memo, err error) {
	if f.reads++; f.away {
		return nil, errMemosAway
	}
	for _, m := range f.memos {
		if m.Kind == kind && m.Expires.After(f.now) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (f *fewMemos) SaveMemo(_ context.Context, m chat.Memo) error {
	if f.away {
		return errMemosAway
	}
	f.memos = append(f.memos, m)
	return nil
}

func TestReturnsAreKnownToAllReplicas(t *testing.T) {
	f := &fewMemos{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	one, other := newReturns(f, clock), newReturns(f, clock)
	g := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}
	asked := func(in chat.Group, members ...chat.MemberID) []bool {
		t.Helper()
		got, err := other.Returned(t.Context(), in, members)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	var hundred []chat.MemberID
	for i := range 100 {
		hundred = append(hundred, chat.MemberID(fmt.Sprintf("m%d", i)))
	}
	if got := asked(g, "m1"); got[0] {
		t.Error("known before anybody came back")
	}
	if err := one.Returning(t.Context(), g, hundred); err != nil || len(f.memos) != 1 || len(f.memos[0].Body) > chat.MaxMemo {
		t.Fatalf("%v, %d memos", err, len(f.memos))
	}
	// At once, although the store was just read.
	if got := asked(g, hundred...); slices.Contains(got, false) || f.reads != 2 {
		t.Errorf("%v after %d readings", got, f.reads)
	}
	if got := asked(g, "m7", "m8"); slices.Contains(got, false) || f.reads != 2 {
		t.Errorf("%v after %d readings", got, f.reads)
	}
	elsewhere := g
	elsewhere.ID = "@TGS#2"
	if got := asked(elsewhere, "m1"); got[0] {
		t.Error("taken for returned to another group")
	}
	if got := asked(g, "m1", "x"); !slices.Equal(got, []bool{true, false}) {
		t.Error(got)
	}
	f.now = f.now.Add(keepReturns)
	if got := asked(g, "m1"); got[0] {
		t.Error("taken for returned after two minutes")
	}
}

func TestReturnsThatCannotBeStoredOrReadAreErrors(t *testing.T) {
	f := &fewMemos{away: true}
	r := newReturns(f, time.Now)
	if err := r.Returning(t.Context(), chat.Group{}, []chat.MemberID{"m"}); !errors.Is(err, errMemosAway) {
		t.Error(err)
	}
	if got, err := r.Returned(t.Context(), chat.Group{}, []chat.MemberID{"m"}); !errors.Is(err, errMemosAway) || slices.Contains(got, true) {
		t.Error(got, err)
	}
}
