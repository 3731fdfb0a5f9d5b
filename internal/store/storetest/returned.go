package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// testLateNews is about a member who was removed and let in again, and of whom something from before
// that join comes late: it is settled.
func testLateNews(t *testing.T, s Observer) {
	t.Run("times", func(t *testing.T) { testLateTimes(t, s) })
	t.Run("who", func(t *testing.T) { testLateWho(t, s) })
	t.Run("nothing is owed", func(t *testing.T) { testLateOwed(t, s) })
}

// late commits a case with one action that is new to the store.
func late(t *testing.T, s Observer, what string, c chat.Case, queued int) {
	t.Helper()
	got := commit(t, s, c)[0]
	if got.Known || got.Queued != queued || len(got.Deduplicated) != 1-queued {
		t.Errorf("%s: %+v, want %d queued and the rest deduplicated", what, got, queued)
	}
}

func testLateTimes(t *testing.T, s Observer) {
	at, join := recent(), 2*time.Second
	mute := chat.Intent{Kind: chat.Mute, Rule: "r2"}
	recall := chat.Intent{Kind: chat.Recall, Rule: "r4", Message: "17"}
	lockdown := chat.Intent{Kind: chat.Lockdown, Rule: "r5"}
	for i, test := range []struct {
		name   string
		event  time.Duration // after the first offence
		intent chat.Intent
		want   int
	}{
		{"between the offence and the join", time.Second, removal, 0},
		{"before the offence", -time.Minute, removal, 0},
		{"at the offence", 0, removal, 0},
		{"just before the join", join - time.Microsecond, removal, 0},
		{"the join itself", join, removal, 1},
		{"just after the join", join + time.Microsecond, removal, 1},
		{"a mute from before", time.Second, mute, 0},
		{"a mute for the join itself", join, mute, 1},
		{"a mute from after", 3 * time.Second, mute, 1},
		{"a warning from before", time.Second, chat.Intent{Kind: chat.Warn, Rule: "r3", Reason: "no links"}, 0},
		{"a message from before, to take back", time.Second, recall, 0},
		{"a message from after, to take back", 3 * time.Second, recall, 1},
		{"the group as a whole, from before", time.Second, lockdown, 1},
		{"the group as a whole, from after", 3 * time.Second, lockdown, 1},
	} {
		g := group(chat.GroupID(fmt.Sprint("late ", i)))
		commit(t, s, caseOf(g, "e1", "m", at))
		observe(t, s, joinOf(g, "j", "m", at.Add(join), 0))
		late(t, s, test.name, caseOf(g, "e2", "m", at.Add(test.event), test.intent), test.want)
		if test.want == 0 {
			late(t, s, test.name+", and a new offence", caseOf(g, "e3", "m", at.Add(4*time.Second)), 1)
			late(t, s, test.name+", and a further one from before", caseOf(g, "e4", "m", at.Add(test.event), test.intent), 0)
		}
	}
}

func testLateWho(t *testing.T, s Observer) {
	at := recent()
	type stay struct {
		member chat.MemberID
		after  time.Duration // the first offence
	}
	for i, test := range []struct {
		name    string
		removed []chat.MemberID
		joins   []stay
		late    stay
		want    int
	}{
		{"a first join", nil, []stay{{"m", 2 * time.Second}}, stay{"m", time.Second}, 1},
		{"a join before the removal", []chat.MemberID{"m"}, []stay{{"m", -time.Second}}, stay{"m2", -time.Minute}, 1},
		{"another member", []chat.MemberID{"m"}, []stay{{"m", 2 * time.Second}}, stay{"m2", time.Second}, 1},
		{"another member who came first", []chat.MemberID{"m"}, []stay{{"m", 2 * time.Second}, {"m2", 2 * time.Second}}, stay{"m2", time.Second}, 1},
		{"both came again", []chat.MemberID{"m", "m2"}, []stay{{"m", 2 * time.Second}, {"m2", 2 * time.Second}}, stay{"m2", time.Second}, 0},
		{"no member", []chat.MemberID{""}, []stay{{"", 2 * time.Second}}, stay{"", time.Second}, 1},
		{"between two joins", []chat.MemberID{"m"}, []stay{{"m", 2 * time.Second}, {"m", 4 * time.Second}}, stay{"m", 3 * time.Second}, 0},
		{"between two joins, the later one told first", []chat.MemberID{"m"}, []stay{{"m", 4 * time.Second}, {"m", 2 * time.Second}}, stay{"m", 3 * time.Second}, 0},
		{"after two joins", []chat.MemberID{"m"}, []stay{{"m", 4 * time.Second}, {"m", 2 * time.Second}}, stay{"m", 5 * time.Second}, 1},
	} {
		g, other := group(chat.GroupID(fmt.Sprint("late who ", i))), group(chat.GroupID(fmt.Sprint("late elsewhere ", i)))
		for _, m := range test.removed {
			commit(t, s, caseOf(g, chat.EventID("e "+m), m, at))
		}
		for n, j := range test.joins {
			observe(t, s, joinOf(g, chat.EventID(fmt.Sprint("j", n)), j.member, at.Add(j.after), 0))
		}
		late(t, s, test.name+", in another group", caseOf(other, "e2", test.late.member, at.Add(test.late.after)), 1)
		late(t, s, test.name, caseOf(g, "e2", test.late.member, at.Add(test.late.after)), test.want)
	}
	// A join that is only asked for says nothing.
	g := group("late asked")
	join := joinOf(g, "j", "m", at.Add(2*time.Second), 0)
	join.Peek = true
	commit(t, s, caseOf(g, "e1", "m", at))
	observe(t, s, join)
	late(t, s, "another kind, with the join only asked for",
		caseOf(g, "e2", "m", at.Add(time.Second), chat.Intent{Kind: chat.Mute, Rule: "r2"}), 1)
}

// testLateOwed repeats a case that came late, by itself and after what makes others owed.
func testLateOwed(t *testing.T, s Observer) {
	at := recent()
	for _, stands := range []bool{false, true} {
		g := group(chat.GroupID(fmt.Sprint("late owed ", stands)))
		commit(t, s, caseOf(g, "e1", "m", at))
		observe(t, s, joinOf(g, "j1", "m", at.Add(3*time.Second), 0))
		if stands { // a mark in the way as well
			commit(t, s, caseOf(g, "e3", "m", at.Add(4*time.Second)))
		}
		second := caseOf(g, "e2", "m", at.Add(2*time.Second))
		late(t, s, "from before the join", second, 0)
		repeat(t, s, "once more", second, 0)
		repeat(t, s, "with a time after the join", caseOf(g, "e2", "m", at.Add(5*time.Second)), 0)
		observe(t, s, joinOf(g, "j0", "m", at.Add(time.Second), 0))
		repeat(t, s, "after an earlier join came late", second, 0)
		observe(t, s, joinOf(g, "j2", "m", at.Add(6*time.Second), 0))
		repeat(t, s, "after a further join", second, 0)
	}
	// An action that was owed is not, once the member has left and come again after it.
	g := group("late no longer owed")
	second := caseOf(g, "e2", "m", at.Add(3*time.Second))
	commit(t, s, caseOf(g, "e1", "m", at), second)
	observe(t, s, joinOf(g, "j1", "m", at.Add(2*time.Second), 0), joinOf(g, "j2", "m", at.Add(4*time.Second), 0))
	repeat(t, s, "from before the last join", second, 0)
}

// testLateAnswers looks at the queue and the audit, with the removal in each state.
func testLateAnswers(t *testing.T, s store.Store) {
	at := recent()
	for _, state := range []actions.State{"", actions.Done, actions.Spared} {
		g := group(chat.GroupID("late answers " + state))
		commit(t, s, caseOf(g, "e1", "m", at))
		if state != "" {
			settle(t, s, state, claimOne(t, s, g))
		}
		observe(t, s, joinOf(g, "j", "m", at.Add(2*time.Second), 0))
		c := caseOf(g, "e2", "m", at.Add(time.Second), removal, chat.Intent{Kind: chat.Mute, Rule: "r2"}, chat.Intent{Kind: chat.Lockdown, Rule: "r3"})
		got := commit(t, s, c)[0]
		as := c.Actions()
		if got.Queued != 1 || len(got.Deduplicated) != 2 || got.Deduplicated[0].ID != as[0].ID || got.Deduplicated[1].ID != as[1].ID {
			t.Errorf("the removal %q: %+v, want only the lockdown queued", state, got)
		}
		rec, _ := record(t, s, c.ID)
		if len(rec.Answers) != 2 {
			t.Errorf("the removal %q: answers %+v, want two", state, rec.Answers)
		}
		for i, a := range rec.Answers {
			if a.State != "deduplicated" || a.Action != as[i].ID || a.Kind != as[i].Intent.Kind || a.Member != "m" || a.At.IsZero() {
				t.Errorf("the removal %q: answer %+v, want %s deduplicated", state, a, as[i].ID)
			}
		}
		left := 2
		if state != "" {
			left = 1
		}
		items := claimAll(t, s, g, left)
		if it := items[left-1]; it.ID != as[2].ID {
			t.Errorf("the removal %q: claimed %+v last, want the lockdown", state, it)
		}
		settle(t, s, actions.Done, items...)
		if d := depth(t, s); d.Entries != 0 {
			t.Errorf("the removal %q: depth %+v, want nothing left", state, d)
		}
	}
}
