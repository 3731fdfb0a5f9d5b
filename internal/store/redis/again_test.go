package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// TestWhatRepeatsAreToldIsBounded has thousands of events come in the wrong order.
func TestWhatRepeatsAreToldIsBounded(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	g, begin := groupN(1), time.Now()
	const limit, all = 5, 6000
	w := chat.Window{ID: "w", Key: "k", Group: &g, Limit: limit, Within: 10 * time.Minute}
	trail := w
	for from := 0; from < all; from += 100 {
		var looks []chat.Look
		for i := from; i < from+100; i++ {
			trail.Note = fmt.Sprint(i)
			looks = append(looks, chat.Look{
				Event: chat.EventID(fmt.Sprint(i)), Group: g, Member: "m", Kind: chat.Message,
				At: begin.Add(-time.Duration(i) * time.Microsecond), Windows: []chat.Window{w, trail},
			})
		}
		if _, err := s.Observe(t.Context(), looks); err != nil {
			t.Fatal(err)
		}
	}
	for _, of := range []*chat.Window{&w, &trail} {
		n, err := s.client.HLen(t.Context(), windowKeys(0, of)[1]).Result()
		if most := int64(2000 + limit + 1); err != nil || n > most || n < 1000 {
			t.Errorf("%d fields, %v, want at most %d", n, err, most)
		}
	}
	first := chat.Look{Event: "0", Group: g, Member: "m", Kind: chat.Message, At: begin, Windows: []chat.Window{w}}
	if facts, err := s.Observe(t.Context(), []chat.Look{first}); err != nil || facts[0].Counts[0] != 1 {
		t.Errorf("the first event again: %+v, %v, want a count of 1", facts, err)
	}
}
