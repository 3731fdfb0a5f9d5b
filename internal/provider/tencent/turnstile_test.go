package tencent

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// A single member's look-up waits for one of a raid's at most, however many of those wait.
func TestSmallAndLargeBatchesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s turnstile
		if err := s.enter(t.Context(), apiRoles, false); err != nil {
			t.Fatal(err)
		}
		passed := make(chan string, 10)
		wait := func(name string, small bool) {
			go func() {
				if err := s.enter(t.Context(), apiRoles, small); err != nil {
					t.Error(err)
				}
				passed <- name
				s.leave(apiRoles)
			}()
			synctest.Wait()
		}
		for _, name := range []string{"raid 1", "raid 2", "raid 3"} {
			wait(name, false)
		}
		wait("lone 1", true)
		wait("lone 2", true)
		if err := s.enter(t.Context(), apiInfo, true); err != nil { // another API has its own turnstile
			t.Fatal(err)
		}
		s.leave(apiInfo)
		s.leave(apiRoles)
		synctest.Wait()
		var got []string
		for range 5 {
			got = append(got, <-passed)
		}
		if want := []string{"lone 1", "raid 1", "lone 2", "raid 2", "raid 3"}; !slices.Equal(got, want) {
			t.Errorf("passed %q, want %q", got, want)
		}
		if len(s.apis) != 0 {
			t.Errorf("%d lines are left", len(s.apis))
		}
	})
}

// Who gives up neither keeps the others waiting nor goes through.
func TestWhoGivesUpLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s turnstile
		if err := s.enter(t.Context(), apiRoles, true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, passed := make(chan error, 1), make(chan error, 1)
		go func() { gaveUp <- s.enter(ctx, apiRoles, true) }()
		synctest.Wait()
		go func() { passed <- s.enter(t.Context(), apiRoles, true) }()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; err == nil {
			t.Error("went through although it gave up")
		}
		s.leave(apiRoles)
		if err := <-passed; err != nil {
			t.Error(err)
		}
		s.leave(apiRoles)
		if len(s.apis) != 0 {
			t.Errorf("%d lines are left", len(s.apis))
		}
	})
}
