package actions

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// busyGroup is a sender to which one group answers that it is busy, for ever.
type busyGroup struct{ *fakeSender }

func (g busyGroup) Send(ctx context.Context, r Route, batch []chat.Action) []Outcome {
	out := g.fakeSender.Send(ctx, r, batch)
	if batch[0].Group.ID == "busy" {
		for i := range out {
			out[i] = Outcome{Class: Again, Code: "10023"}
		}
	}
	return out
}

// A partition is claimed in order. What waits for one group must not hide what stands behind it.
func TestAGroupThatGetsNowhereHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemoryQueue()
		for i := range 5 * minHeld {
			q.add(removal("busy", fmt.Sprint(i)))
		}
		defer startOn(t, q, busyGroup{&fakeSender{took: 20 * time.Millisecond}}, nil)()
		elapse(time.Minute)
		q.add(removal("other", "lone"))
		elapse(time.Second)
		if s := q.end("other/lone").State; s != Done {
			t.Errorf("a second later the lone removal is %q", s)
		}
	})
}
