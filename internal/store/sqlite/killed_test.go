package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// killed is the child of TestKill. It says what it is about to do to an action, and what it has done.
type killed struct {
	t  *testing.T
	s  *sqlite.Store
	mu sync.Mutex   // guards standard output: a line is whole or not there
	n  atomic.Int32 // actions handled
}

func (k *killed) say(what string, id chat.CaseID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fmt.Println(what, id)
}

// step does something that the store must not lose once it is acknowledged.
func (k *killed) step(what string, a chat.Action, do func() error) {
	k.say("trying-"+what, a.Case)
	if err := do(); err != nil {
		k.t.Errorf("%s: %v", what, err)
		return
	}
	k.say(what, a.Case)
}

// TestKilledChild is what TestKill kills; alone it does nothing.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as the child of TestKill")
	}
	s, err := sqlite.Open(dir, store.Options{Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	k := &killed{t: t, s: s}
	for worker := range 8 {
		go func() {
			for n := 0; ; n++ {
				c := removalOf(chat.GroupID(fmt.Sprint(worker)), fmt.Sprint(os.Getenv(crashRound), " ", worker, " ", n))
				if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
					return
				}
				k.say("committed", c.ID)
			}
		}()
	}
	for part := 0; ; part = (part + 1) % s.Parts() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		items, err := s.Claim(ctx, part, 16)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, it := range items {
			wg.Go(func() { k.handle(it) })
		}
		wg.Wait()
	}
}

// handle ends an action, or puts it on a shelf and takes it off again: every way in turn.
func (k *killed) handle(it actions.Item) {
	settle := func(state actions.State) func() error {
		return func() error {
			return k.s.Settle(k.t.Context(), []actions.Settlement{{Item: it, State: state, At: time.Now()}})
		}
	}
	n := k.n.Add(1)
	if n%3 == 0 {
		k.step("done", it.Action, settle(actions.Done))
		return
	}
	shelf, state, again := actions.HeldShelf, actions.Held, "released"
	if n%4 == 0 {
		shelf, state, again = actions.DeadShelf, actions.Dead, "requeued"
	}
	k.step(string(state), it.Action, settle(state))
	of := []chat.Action{it.Action}
	switch n % 7 {
	case 1, 4, 6:
		k.step(again, it.Action, func() error {
			_, err := k.s.Requeue(k.t.Context(), shelf, of, time.Now())
			return err
		})
	case 2:
		k.step("dropped", it.Action, func() error {
			_, err := k.s.Discard(k.t.Context(), shelf, of)
			return err
		})
	}
}
