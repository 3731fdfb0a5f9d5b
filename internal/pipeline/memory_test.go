package pipeline

import (
	"strconv"
	"testing"
)

func TestMemoryIsBoundedAndKeepsTheLatest(t *testing.T) {
	var m memory
	const n = 5*maxGeneration/2 + 1
	for i := range n {
		if !m.isNew(strconv.Itoa(i)) {
			t.Fatalf("%d is known before it came", i)
		}
		if len(m.young) > maxGeneration || len(m.old) > maxGeneration {
			t.Fatalf("generations of %d and %d", len(m.young), len(m.old))
		}
	}
	for i := n - maxGeneration; i < n; i++ {
		if m.isNew(strconv.Itoa(i)) {
			t.Fatalf("%d, one of the latest, is forgotten", i)
		}
	}
	if !m.isNew("0") {
		t.Error("the oldest is remembered for ever")
	}
}
