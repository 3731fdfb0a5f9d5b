package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// BenchmarkCommitKnown commits 100 cases that are known in one call, as the parts of a burst come
// with each further message of it.
func BenchmarkCommitKnown(b *testing.B) {
	s := benchStore(b)
	cases := make([]chat.Case, 100)
	for i := range cases {
		cases[i] = removalOf("g", fmt.Sprint("event ", i))
		cases[i].Event.Member = chat.MemberID(fmt.Sprint("m", i))
		cases[i].Of = cases[0].ID
	}
	commit := func() error {
		_, err := s.Commit(b.Context(), cases)
		return err
	}
	if err := commit(); err != nil {
		b.Fatal(err)
	}
	inParallel(b, 1, commit)
}
