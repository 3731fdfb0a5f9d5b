package sqlite

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMostMatchesItsDefinition compares with a count of every span that ends at a point.
func TestMostMatchesItsDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		within := rapid.Int64Range(1, 12).Draw(rt, "within")
		var ps points
		for i, at := range rapid.SliceOfN(rapid.Int64Range(0, 40), 1, 30).Draw(rt, "times") {
			ps.insert(point{at: at, id: digest{byte(i)}, first: uint32(i)}, rapid.IntRange(1, 3).Draw(rt, "weight"))
		}
		if !slices.IsSortedFunc(ps, func(a, b point) int { return int(a.at - b.at) }) {
			rt.Fatalf("not in order: %v", ps)
		}
		for i, p := range ps {
			want := 0
			for _, end := range ps {
				if end.at < p.at || end.at-within >= p.at {
					continue
				}
				n := 0
				for _, x := range ps {
					if end.at-within < x.at && x.at <= end.at {
						n++
					}
				}
				want = max(want, n)
			}
			if got := ps.most(i, within); got != want {
				rt.Fatalf("around %d of %v within %d: %d, want %d", i, ps, within, got, want)
			}
			if j := ps.find(p.id); j != i {
				rt.Fatalf("found %d at %d", i, j)
			}
		}
		if back := decodePoints(ps.encode(), formMore); !slices.Equal(back, ps) {
			rt.Fatalf("read back %v, want %v", back, ps)
		}
	})
}

func TestTrimBoundsAWindow(t *testing.T) {
	for _, test := range []struct {
		name  string
		times []int64
		want  []int64
	}{
		{"nothing to drop", []int64{1, 2, 3}, []int64{1, 2, 3}},
		{"two lengths older than the newest", []int64{0, 1, 20, 21}, []int64{20, 21}},
		{"just inside two lengths", []int64{2, 21}, []int64{2, 21}},
		{"more than twice the limit", []int64{1, 2, 3, 4, 5, 6, 7, 8}, []int64{3, 4, 5, 6, 7, 8}},
		{"empty", nil, nil},
	} {
		var ps points
		for i, at := range test.times {
			ps.insert(point{at: at, id: digest{byte(i)}}, 1)
		}
		ps.trim(3, 10)
		var got []int64
		for _, p := range ps {
			got = append(got, p.at)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v became %v, want %v", test.name, test.times, got, test.want)
		}
	}
}

// TestAHeavyEventIsFoundWhileAnyOfItIsLeft cuts into an event that counts for several.
func TestAHeavyEventIsFoundWhileAnyOfItIsLeft(t *testing.T) {
	first, second := digestOf("first"), digestOf("second")
	for limit := 1; limit <= 5; limit++ {
		var ps points
		ps.insert(point{at: 1, id: first}, 4)
		ps.insert(point{at: 2, id: second}, 4)
		ps.trim(limit, 10)
		if want := min(8, 2*limit); len(ps) != want {
			t.Fatalf("limit %d: %d points, want %d", limit, len(ps), want)
		}
		if found := ps.find(first) >= 0; found != (ps[0].at == 1) || ps.find(second) < 0 {
			t.Errorf("limit %d: the first event is found: %v, of %v", limit, found, ps)
		}
	}
}
