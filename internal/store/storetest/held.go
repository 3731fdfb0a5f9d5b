package storetest

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// byRule returns a removal that another rule than the usual one wants.
func byRule(id chat.RuleID) chat.Intent { return chat.Intent{Kind: chat.Remove, Rule: id} }

// heldLockdowns are of two rules, and about a group as a whole.
var heldLockdowns = []chat.Intent{{Kind: chat.Lockdown, Rule: "r1"}, {Kind: chat.Lockdown, Rule: "r2"}}

func join(t *testing.T, s store.Store, a chat.Action, after time.Duration) {
	t.Helper()
	observe(t, s, joinOf(a.Group, chat.EventID("join"+after.String()), a.Member, a.EventAt.Add(after), 0))
}

func forget(t *testing.T, s store.Store, of ...chat.Action) {
	t.Helper()
	if err := s.Forget(t.Context(), of); err != nil {
		t.Fatalf("forgetting: %v", err)
	}
}

// testHeldBeside has an action lie on the shelf while other rules go on: it keeps out those of its own
// rule alone, until it goes.
func testHeldBeside(t *testing.T, s store.Store) {
	at := recent()
	for _, test := range []struct {
		name      string
		own, next chat.Intent
	}{
		{"removals", removal, byRule("r2")},
		{"lockdowns", heldLockdowns[0], heldLockdowns[1]},
		{"recalls", chat.Intent{Kind: chat.Recall, Rule: "r1", Message: "7"}, chat.Intent{Kind: chat.Recall, Rule: "r2", Message: "7"}},
	} {
		for _, end := range []string{"discarded", "forgotten"} {
			g := group(chat.GroupID("held beside " + test.name + end))
			say := func(what string) string { return test.name + ", " + end + ": " + what }
			held := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at, test.own))
			wantQueued(t, s, say("one of its rule"), caseOf(g, "e2", "m", at, test.own), 0)
			wantQueued(t, s, say("another rule's"), caseOf(g, "e3", "m", at, test.next), 1)
			wantQueued(t, s, say("a third rule's, while that is pending"), caseOf(g, "e4", "m", at, chat.Intent{
				Kind: test.own.Kind, Rule: "r3", Message: test.own.Message,
			}), 0)
			settle(t, s, actions.Void, claimOne(t, s, g))
			wantQueued(t, s, say("one of its rule, when the other has ended"), caseOf(g, "e5", "m", at, test.own), 0)
			if end == "discarded" {
				discard(t, s, say("the letter"), actions.HeldShelf, 1, held)
			} else {
				forget(t, s, held)
			}
			wantQueued(t, s, say("one of its rule, at last"), caseOf(g, "e6", "m", at, test.own), 1)
		}
	}
	// Both of them are held, and each goes by itself.
	g := group("held beside held")
	first := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at))
	second := shelve(t, s, actions.HeldShelf, caseOf(g, "e2", "m", at, byRule("r2")))
	discard(t, s, "the second", actions.HeldShelf, 1, second)
	wantQueued(t, s, "of the first rule", caseOf(g, "e3", "m", at), 0)
	wantQueued(t, s, "of the second rule", caseOf(g, "e4", "m", at, byRule("r2")), 1)
	settle(t, s, actions.Done, claimOne(t, s, g))
	discard(t, s, "the first", actions.HeldShelf, 1, first)
	wantQueued(t, s, "beside the one that was done", caseOf(g, "e5", "m", at), 0)
}

// testHeldJoin has the member come back: what is held for the time before keeps nothing out, and what
// was dropped for its sake is owed.
func testHeldJoin(t *testing.T, s store.Store) {
	g, at := group("held and back"), recent()
	held := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at))
	second := caseOf(g, "e2", "m", at.Add(3*time.Second))
	wantQueued(t, s, "a second offence", second, 0)
	join(t, s, held, 2*time.Second)
	repeat(t, s, "the second offence again", second, 1)
	settle(t, s, actions.Void, claimOne(t, s, g))
	wantQueued(t, s, "a third offence", caseOf(g, "e3", "m", at.Add(4*time.Second)), 1)
	requeue(t, s, "the letter from before", actions.HeldShelf, 0, recent(), held)
	wantStates(t, s, "the letter from before", held.Case, "held", "deduplicated")
	settle(t, s, actions.Done, claimOne(t, s, g))

	// The join comes while the action is claimed. There is nothing to release then.
	g = group("back, then held")
	c := caseOf(g, "e1", "m", at)
	commit(t, s, c)
	it := claimOne(t, s, g)
	join(t, s, it.Action, time.Second)
	settle(t, s, actions.Held, it)
	wantQueued(t, s, "an offence after the join", caseOf(g, "e2", "m", at.Add(2*time.Second)), 1)
	settle(t, s, actions.Void, claimOne(t, s, g))
	requeue(t, s, "held after the join", actions.HeldShelf, 0, recent(), it.Action)
	wantStates(t, s, "held after the join", c.ID, "held", "deduplicated")

	// Of two marks the later one counts: no join lies between it and the offence.
	g = group("held, pending and back")
	held = shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at))
	wantQueued(t, s, "another rule's", caseOf(g, "e2", "m", at.Add(2*time.Second), byRule("r2")), 1)
	second = caseOf(g, "e3", "m", at.Add(3*time.Second))
	wantQueued(t, s, "behind both", second, 0)
	join(t, s, held, time.Second)
	settle(t, s, actions.Void, claimOne(t, s, g))
	repeat(t, s, "behind both, again", second, 0)
}

// testHeldUnmarked releases letters whose marks were lifted, with no join remembered: those about a
// member stay out, and those about a group as a whole are released.
func testHeldUnmarked(t *testing.T, s store.Store) {
	at := recent()
	for _, test := range []struct {
		intent chat.Intent
		want   int
		state  string
	}{
		{removal, 0, "deduplicated"},
		{chat.Intent{Kind: chat.Recall, Rule: "r1", Message: "7"}, 0, "deduplicated"},
		{chat.Intent{Kind: chat.Readmit}, 0, "deduplicated"},
		{heldLockdowns[0], 1, "released"},
		{chat.Intent{Kind: chat.Dissolve, Rule: "r1"}, 1, "released"},
	} {
		g := group(chat.GroupID("held unmarked " + test.intent.Kind))
		a := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at, test.intent))
		forget(t, s, a)
		requeue(t, s, string(test.intent.Kind), actions.HeldShelf, test.want, recent(), a)
		wantStates(t, s, string(test.intent.Kind), a.Case, "held", test.state)
		wantQueued(t, s, "another "+string(test.intent.Kind), caseOf(g, "e2", "m", at, test.intent), 1-test.want)
	}
}

// testHeldRelease releases a letter beside what another rule wanted meanwhile. A mark that is released
// is a pending one: it keeps out every rule.
func testHeldRelease(t *testing.T, s store.Store) {
	at := recent()
	for _, lockdown := range []bool{false, true} {
		own, next := removal, byRule("r2")
		if lockdown {
			own, next = heldLockdowns[0], heldLockdowns[1]
		}
		for _, test := range []struct {
			name  string
			state actions.State // of the other rule's action; empty: pending
			done  time.Duration // after the held action's event
			want  bool
		}{
			{"pending", "", 0, false},
			{"done", actions.Done, 0, false},
			{"spared", actions.Spared, 0, false},
			{"done before the event", actions.Done, -store.ReturnRoom - time.Millisecond, !lockdown},
			{"taken back", actions.Void, 0, true},
			{"held", actions.Held, 0, true},
			{"dead", actions.Dead, 0, true},
		} {
			g := group(chat.GroupID("held release " + test.name + string(own.Kind)))
			say := func(what string) string { return string(own.Kind) + ", " + test.name + ": " + what }
			held := shelve(t, s, actions.HeldShelf, caseOf(g, "e1", "m", at, own))
			other := caseOf(g, "e2", "m", at, next)
			wantQueued(t, s, say("the other rule's"), other, 1)
			if test.state != "" {
				settleAt(t, s, g, test.state, at.Add(test.done))
			}
			queued, state := 0, "deduplicated"
			if test.want {
				queued, state = 1, "released"
			}
			requeue(t, s, say("released"), actions.HeldShelf, queued, recent(), held)
			wantStates(t, s, say("released"), held.Case, "held", state)
			if !test.want {
				continue
			}
			wantQueued(t, s, say("a third rule's"), caseOf(g, "e3", "m", at, chat.Intent{Kind: own.Kind, Rule: "r3"}), 0)
			if test.state == actions.Held {
				requeue(t, s, say("the other one, too"), actions.HeldShelf, 0, recent(), other.Actions()...)
			}
			settle(t, s, actions.Done, claimOne(t, s, g))
			wantQueued(t, s, say("one of its rule, once it is done"), caseOf(g, "e4", "m", at, own), 0)
		}
	}
	// A dead letter keeps no mark, but one of its own rule that is held is in its way.
	g := group("held and dead")
	gone := shelve(t, s, actions.DeadShelf, caseOf(g, "e1", "m", at))
	shelve(t, s, actions.HeldShelf, caseOf(g, "e2", "m", at))
	requeue(t, s, "a dead letter", actions.DeadShelf, 0, recent(), gone)
}
