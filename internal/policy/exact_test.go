package policy

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestAJoinIsExactWhereItsTimeIsItsOwn is about which joins excuse what was before them: the time of
// others is only when they were found or told of.
func TestAJoinIsExactWhereItsTimeIsItsOwn(t *testing.T) {
	r := load(t, "version: 1\nrules:\n  - {id: raid, on: join, when: {count: {joins: 5, within: 1m, per: group}}, then: [{remove: {}}]}\n")
	for _, test := range []struct {
		name   string
		change func(e *chat.Event)
		want   bool
	}{
		{"told a moment later", func(*chat.Event) {}, true},
		{"the time of arrival", func(e *chat.Event) { e.At = e.Received }, false},
		{"found by comparing lists", func(e *chat.Event) { e.Provider, e.At = chat.CAMS, e.Received }, false},
		{"of the other provider", func(e *chat.Event) { e.Provider = chat.CAMS }, false},
		{"after a gap", func(e *chat.Event) { e.Late = true }, false},
		{"a message", func(e *chat.Event) { e.Kind = chat.Message }, false},
	} {
		at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
		e := chat.Event{
			At: at, Received: at.Add(300 * time.Millisecond), ID: "j", Kind: chat.Join, Member: "m",
			Group: chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "g"}, GroupType: chat.Public,
		}
		test.change(&e)
		x := r.Examine(&e)
		if look := x.Look(); look.Exact != test.want {
			t.Errorf("%s: exact %t, want %t", test.name, look.Exact, test.want)
		}
		x.Release()
	}
}
