package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

func testCases(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("queries", func(t *testing.T) { testQueries(t, open(t, fresh, store.Options{})) })
	t.Run("more than a page", func(t *testing.T) { testManyCases(t, open(t, fresh, store.Options{})) })
	t.Run("texts", func(t *testing.T) { testTexts(t, fresh) })
}

func cases(t *testing.T, s store.Store, q store.Query, keep func(*chat.Record) bool) []chat.Record {
	t.Helper()
	out, err := s.Cases(t.Context(), q, keep)
	if err != nil {
		t.Fatalf("looking for cases by %+v: %v", q, err)
	}
	return out
}

func caseIDs(recs []chat.Record) []chat.CaseID {
	out := make([]chat.CaseID, len(recs))
	for i := range recs {
		out[i] = recs[i].Case.ID
	}
	return out
}

// testQueries stores cases one after another. Event times say nothing of when they were stored.
func testQueries(t *testing.T, s store.Store) {
	if got := cases(t, s, store.Query{Most: 10}, nil); len(got) != 0 {
		t.Errorf("an empty audit has the cases %v", caseIDs(got))
	}
	at := recent()
	var ids []chat.CaseID // newest first
	var begins []time.Time
	for i := range 6 {
		pause(t)
		begins = append(begins, time.Now())
		pause(t)
		name := fmt.Sprint("e", i)
		c := caseOf(group(chat.GroupID(fmt.Sprint("queries ", i%3))), chat.EventID(name), chat.MemberID(name), at.Add(-time.Duration(i)*time.Minute))
		if i > 3 {
			c.Of = ids[len(ids)-1]
		}
		commit(t, s, c)
		ids = slices.Insert(ids, 0, c.ID)
	}
	settle(t, s, actions.Done, claimOne(t, s, group("queries 1")))
	inGroup := func(r *chat.Record) bool { return r.Case.Event.Group.ID == "queries 2" }
	for _, test := range []struct {
		name string
		q    store.Query
		keep func(*chat.Record) bool
		want []chat.CaseID
	}{
		{"all", store.Query{Most: 10}, nil, ids},
		{"the newest", store.Query{Most: 2}, nil, ids[:2]},
		{"none asked for", store.Query{}, nil, nil},
		{"since the third", store.Query{Since: begins[2], Most: 10}, nil, ids[:4]},
		{"until the third", store.Query{Until: begins[2], Most: 10}, nil, ids[4:]},
		{"the third and the fourth", store.Query{Since: begins[2], Until: begins[4], Most: 10}, nil, ids[2:4]},
		{"the newest of a span", store.Query{Since: begins[1], Until: begins[5], Most: 1}, nil, ids[1:2]},
		{"an empty span", store.Query{Since: begins[4], Until: begins[2], Most: 10}, nil, nil},
		{"before everything", store.Query{Until: begins[0], Most: 10}, nil, nil},
		{"after everything", store.Query{Since: time.Now().Add(time.Hour), Most: 10}, nil, nil},
		{"long ago", store.Query{Since: time.Unix(0, 0), Until: time.Unix(1, 0), Most: 10}, nil, nil},
		{"the parts of a case", store.Query{Of: ids[5], Most: 10}, nil, ids[:2]},
		{"the parts in a span", store.Query{Of: ids[5], Until: begins[5], Most: 10}, nil, ids[1:2]},
		{"the newest part", store.Query{Of: ids[5], Most: 1}, nil, ids[:1]},
		{"the parts of one without", store.Query{Of: ids[4], Most: 10}, nil, nil},
		{"wanted ones", store.Query{Most: 10}, inGroup, []chat.CaseID{ids[0], ids[3]}},
		{"the newest wanted one", store.Query{Most: 1, Until: begins[5]}, inGroup, ids[3:4]},
		{"by what became of them", store.Query{Most: 10}, func(r *chat.Record) bool { return len(r.Answers) > 0 }, ids[4:5]},
		{"by their text", store.Query{Most: 1}, func(r *chat.Record) bool { return r.Fingerprint == chat.Fingerprint("") }, nil},
		{"none wanted", store.Query{Most: 10}, func(*chat.Record) bool { return false }, nil},
	} {
		if got := caseIDs(cases(t, s, test.q, test.keep)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	for _, rec := range cases(t, s, store.Query{Most: 10}, nil) {
		if one, ok := record(t, s, rec.Case.ID); !ok || !sameJSON(t, rec, one) {
			t.Errorf("case %s is listed as %+v and stored as %+v", rec.Case.ID, rec, one)
		}
	}
}

func testManyCases(t *testing.T, s store.Store) {
	const n = 700
	at := recent()
	for i := range n / 100 {
		var some []chat.Case
		for j := range 100 {
			c := caseN(group(chat.GroupID(fmt.Sprint("many ", j%7))), 100*i+j, at)
			c.Of = "parent"
			some = append(some, c)
		}
		commit(t, s, some...)
	}
	pause(t)
	last := caseOf(group("last"), "last", "m", at)
	commit(t, s, last)
	for _, q := range []store.Query{{Most: 2 * n}, {Most: 2 * n, Of: "parent"}} {
		want := n
		if q.Of == "" {
			want++
		}
		seen := map[chat.CaseID]bool{}
		for _, id := range caseIDs(cases(t, s, q, nil)) {
			if seen[id] {
				t.Errorf("case %s is listed twice", id)
			}
			seen[id] = true
		}
		if len(seen) != want || seen[last.ID] != (q.Of == "") {
			t.Errorf("%d cases by %+v, want %d", len(seen), q, want)
		}
	}
	first := caseN(group("many 0"), 0, at)
	looked := 0
	got := cases(t, s, store.Query{Most: 1}, func(r *chat.Record) bool {
		looked++
		return r.Case.ID == first.ID
	})
	if len(got) != 1 || got[0].Case.ID != first.ID {
		t.Errorf("the first of %d cases: %v", n+1, caseIDs(got))
	}
	looked = 0
	got = cases(t, s, store.Query{Most: 1}, func(*chat.Record) bool { looked++; return true })
	if len(got) != 1 || got[0].Case.ID != last.ID || looked != 1 {
		t.Errorf("the newest of %d cases: %v after a look at %d", n+1, caseIDs(got), looked)
	}
}
