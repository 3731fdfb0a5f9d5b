package spool

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// While nobody sends, since the bot says that it takes nothing, only time shows that it does.
func TestARefusalIsPastWhenItsCauseMayBe(t *testing.T) {
	left, leave := context.WithCancel(t.Context())
	leave()
	for name, row := range map[string]struct {
		fault   error
		ctx     context.Context
		forgive bool // although the disk holds as much as it did
	}{
		"the caller left": {nil, left, true},
		"a slow write":    {errDisk, t.Context(), true},
		"full":            {ErrFull, t.Context(), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDisk()
				fillDisk(t, d, "g", "1", "2")
				r := build(d, &next{answer: func(context.Context, []chat.Event) error { return errAway }}, nil)
				d.hang()
				if d.fault = func(string) error { return row.fault }; row.fault != nil {
					d.hung = nil
				}
				refuse := func() {
					if _, err := r.Handle(row.ctx, []chat.Event{said("g", "3")}); err == nil || r.Refusing() == nil {
						t.Errorf("%v, refusing %v", err, r.Refusing())
					}
				}
				refuse()
				<-time.After(refusingFor - 1)
				refuse()
				<-time.After(refusingFor)
				if why := r.Refusing(); (why == nil) != row.forgive {
					t.Errorf("after a while: refusing %v", why)
				}
				if err := d.GiveUp(t.Context(), 1, "no more"); err != nil {
					t.Fatal(err)
				}
				if why := r.Refusing(); why != nil {
					t.Errorf("with less on the disk: refusing %v", why)
				}
				if refuse(); strings.Count(r.log.String(), "503") != 2 || errors.Is(r.Refusing(), ErrFull) == row.forgive {
					t.Errorf("another: refusing %v, log %s", r.Refusing(), r.log)
				}
			})
		})
	}
}
