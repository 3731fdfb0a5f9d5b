package redis

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestManyCasesComeInTheirOrder stores more than some pages of one partition, many in one instant.
func TestManyCasesComeInTheirOrder(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	const n = 2*walkPage + 100
	var cases []chat.Case
	var all, parts []chat.CaseID
	for i := range n {
		c := removalOf(groupN(1), i)
		if i%3 == 0 {
			c.Of = "parent"
			parts = append(parts, c.ID)
		}
		cases, all = append(cases, c), append(all, c.ID)
	}
	if _, err := s.Commit(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(all)
	slices.Reverse(parts)
	old := func(r *chat.Record) bool { return r.Case.ID == all[n-1] || r.Case.ID == all[n-2] }
	for _, test := range []struct {
		name string
		q    store.Query
		keep func(*chat.Record) bool
		want []chat.CaseID
	}{
		{"all", store.Query{Most: 2 * n}, nil, all},
		{"most of them", store.Query{Most: walkPage + 1}, nil, all[:walkPage+1]},
		{"the parts of one", store.Query{Most: 2 * n, Of: "parent"}, nil, parts},
		{"the parts of none", store.Query{Most: 2 * n, Of: "-"}, nil, nil},
		{"the oldest", store.Query{Most: 2}, old, all[n-2:]},
		{"before there was time", store.Query{Most: 2, Since: time.Unix(-9, -9), Until: time.Unix(-1, -1)}, nil, nil},
	} {
		got, err := s.Cases(t.Context(), test.q, test.keep)
		var ids []chat.CaseID
		for _, r := range got {
			ids = append(ids, r.Case.ID)
		}
		if err != nil || !slices.Equal(ids, test.want) {
			t.Errorf("%s: %d cases, %v, want %d in their order", test.name, len(ids), err, len(test.want))
		}
	}
}
