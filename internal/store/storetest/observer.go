package storetest

import (
	"context"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// Observer is the part of a store that answers looks and takes cases.
type Observer interface {
	Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error)
	Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error)
}

// observed is what every Observer must pass.
var observed = []struct { //nolint:gochecknoglobals // a table
	name string
	run  func(t *testing.T, s Observer)
}{
	{"windows", testWindows},
	{"windows at random", testWindowsAtRandom},
	{"weights", testWeights},
	{"weights at random", testWeightsAtRandom},
	{"trails", testTrails},
	{"trails at random", testTrailsAtRandom},
	{"again", testAgain},
	{"strikes", testStrikes},
	{"strikes at random", testStrikesAtRandom},
}

// RunObserve tests what need not be a whole store: windows, weights and trails, and what Commit
// answers about strikes. fresh returns a new, empty one; what it needs is cleaned up with t.
func RunObserve(t *testing.T, fresh func(t *testing.T) Observer) {
	for _, group := range observed {
		t.Run(group.name, func(t *testing.T) { group.run(t, fresh(t)) })
	}
}

// RunJoins tests the join times of an Observer that keeps them, and what a join makes of late news.
// That joins are let go in time is not part of it.
func RunJoins(t *testing.T, fresh func(t *testing.T) Observer) {
	t.Run("times", func(t *testing.T) { testJoinTimes(t, fresh(t)) })
	t.Run("late news", func(t *testing.T) { testLateNews(t, fresh(t)) })
	t.Run("exact joins", func(t *testing.T) { testExactJoins(t, fresh(t)) })
}

// testObserver runs the tests of an Observer on whole stores.
func testObserver(t *testing.T, fresh func(t *testing.T) Open) {
	RunObserve(t, func(t *testing.T) Observer { return open(t, fresh, store.Options{}) })
}
