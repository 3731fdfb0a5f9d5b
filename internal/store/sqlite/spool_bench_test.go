package sqlite_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// BenchmarkAppend appends one entry of 600 bytes per operation to a spool, each on disk before it returns.
// BenchmarkCommit is the embedded store's side of it.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := sqlite.OpenSpool(b.TempDir(), 1<<40)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			body := []byte(strings.Repeat("x", 600))
			inParallel(b, callers, func() error {
				return s.Append(b.Context(), []spool.Entry{{At: time.Now(), Text: true, Body: body}})
			})
		})
	}
}
