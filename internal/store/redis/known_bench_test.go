package redis

import (
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// BenchmarkCommitKnown commits 100 cases that are known in one call, as the parts of a burst come
// with each further message of it. The server syncs every write.
func BenchmarkCommitKnown(b *testing.B) {
	s := openAt(b, redistest.Durable(b).URL(), 0, store.Options{})
	cases := make([]chat.Case, 100)
	for i := range cases {
		cases[i] = removalOf(groupN(1), i)
		cases[i].Of = cases[0].ID
	}
	if _, err := s.Commit(b.Context(), cases); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Commit(b.Context(), cases); err != nil {
			b.Fatal(err)
		}
	}
}
