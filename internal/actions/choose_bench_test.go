package actions

import (
	"fmt"
	"testing"
)

// BenchmarkChoose is a turn among very many groups: at 200 calls a second it must be far under 5 ms.
func BenchmarkChoose(b *testing.B) {
	for _, groups := range []int{1_000, 50_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			f := newFairground()
			for i := range groups {
				f.add(fmt.Sprint("g", i), "a", 1)
				f.add(fmt.Sprint("g", i), "b", 1)
			}
			for b.Loop() {
				if f.b.wait(f.l, f.now) != 0 || f.b.choose(f.l, f.now) == nil {
					b.Fatal("nothing is ready")
				}
				f.b.turns++
			}
		})
	}
}
