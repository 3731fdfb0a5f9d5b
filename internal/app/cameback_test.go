package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/sim"
)

// offend posts that a member wrote the word at a time.
func offend(t *testing.T, r *rig, group, member string, at time.Time) {
	t.Helper()
	const command = "Group.CallbackAfterSendMsg"
	body := fmt.Sprintf(`{"CallbackCommand":%q,"GroupId":%q,"Type":"Public","From_Account":%q,"Operator_Account":%q,"Random":%d,"MsgSeq":1,"MsgTime":%d,
"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"赌博"}}]}`, command, group, member, member, at.UnixMilli()%1_000_000_000, at.Unix())
	if status := r.post(t, tencentURL(r, time.Now(), "CallbackCommand="+command), body); status != http.StatusOK {
		t.Fatalf("the webhook of a message: %d", status)
	}
}

// joinAt posts that a member joined at a time.
func joinAt(t *testing.T, r *rig, group, member string, at time.Time) {
	t.Helper()
	const command = "Group.CallbackAfterNewMemberJoin"
	body := fmt.Sprintf(`{"CallbackCommand":%q,"GroupId":%q,"Type":"Public","JoinType":"Apply","NewMemberList":[{"Member_Account":%q}],"EventTime":%d}`,
		command, group, member, at.UnixMilli())
	if status := r.post(t, tencentURL(r, time.Now(), "CallbackCommand="+command), body); status != http.StatusOK {
		t.Fatalf("the webhook of a join: %d", status)
	}
}

// rejoin lets a member leave and be invited again, and waits until the bot was told.
func rejoin(t *testing.T, r *rig, group, member string) {
	t.Helper()
	if r.sim.World().Has(group, member) {
		if err := r.sim.World().Leave(group, member); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.sim.World().Join(group, member, "olga"); err != nil {
		t.Fatal(err)
	}
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// endOf returns how the actions about a member ended, in the order of their events.
func endOf(r *rig, member string) (states []actions.State) {
	ended := r.ended()
	slices.SortFunc(ended, func(a, b actions.Settlement) int { return a.Item.EventAt.Compare(b.Item.EventAt) })
	for _, s := range ended {
		if s.Item.Member == chat.MemberID(member) {
			states = append(states, s.State)
		}
	}
	return states
}

// TestWhoCameBackWhileTheProviderWasAwayIsNotRemoved has three offend while the provider is away. The owner
// lets one of them in again, and he offends once more; one does not come back.
func TestWhoCameBackWhileTheProviderWasAwayIsNotRemoved(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, onlyTencent)
		const g = "@TGS#back"
		addGroup(t, r, g, "Public", "bob", "carol", "dan", "ann")
		if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Status: 503}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for _, m := range []string{"bob", "carol", "dan"} {
			offend(t, r, g, m, began.Add(-time.Minute))
		}
		eventually(t, "the removals were tried", func() bool { return r.sim.Calls("delete_group_member") > 0 })
		rejoin(t, r, g, "bob")
		rejoin(t, r, g, "dan")
		offend(t, r, g, "dan", time.Now().Add(time.Second)) // the time of a message is whole seconds
		eventually(t, "what was before the returns is settled", func() bool { return len(r.ended()) >= 2 })
		r.sim.ClearFaults()
		eventually(t, "all has ended", func() bool { return len(r.ended()) >= 4 })
		if got := r.sim.Removed(g); slices.Contains(got, "bob") || !slices.Contains(got, "carol") || !slices.Contains(got, "dan") || len(got) != 2 {
			t.Errorf("removed %v, want carol, who did not come back, and dan, who offended since", got)
		}
		for m, want := range map[string]string{"bob": "[undone]", "carol": "[done]", "dan": "[undone done]"} {
			if got := fmt.Sprint(endOf(r, m)); got != want {
				t.Errorf("%s: %s, want %s", m, got, want)
			}
		}
		for _, s := range r.ended() {
			if s.State == actions.Void && (s.Code != "came_back" || s.Text == "" || s.API != "") {
				t.Errorf("bob's removal ended as %+v, want the reason and no call", s)
			}
		}
	})
}

// TestWhoCameBackAfterALostAnswerIsNotRemovedAgain has the provider remove somebody and the answer get
// lost. The bot is stopped before it knows, and he is let in again before it makes the call once more.
func TestWhoCameBackAfterALostAnswerIsNotRemovedAgain(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, onlyTencent)
		const g = "@TGS#lost"
		addGroup(t, r, g, "Public", "bob", "ann")
		if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Cut: true, Late: true}); err != nil {
			t.Fatal(err)
		}
		if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Status: 503}); err != nil {
			t.Fatal(err)
		}
		offend(t, r, g, "bob", time.Now().Add(-time.Minute))
		eventually(t, "bob is removed", func() bool { return len(r.sim.Removed(g)) == 1 })
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		if n := len(r.ended()); n != 0 {
			t.Fatalf("%d actions ended although no answer came", n)
		}
		r.run(t)
		rejoin(t, r, g, "bob")
		eventually(t, "bob's removal has ended", func() bool { return len(r.ended()) == 1 })
		r.sim.ClearFaults()
		offend(t, r, g, "ann", time.Now())
		eventually(t, "ann's removal has ended", func() bool { return len(r.ended()) == 2 })
		if got := r.sim.Removed(g); fmt.Sprint(got) != "[bob ann]" || !r.sim.World().Has(g, "bob") || fmt.Sprint(endOf(r, "bob")) != "[undone]" {
			t.Errorf("removed %v, ended %+v, want bob to stay the second time", got, r.ended())
		}
	})
}

// TestAJoinIsRemovedForItself has raiders whose joins are the offence, some of whom join twice.
func TestAJoinIsRemovedForItself(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, raiderRules, redisURL, onlyTencent)
		const g = "@TGS#raid"
		addGroup(t, r, g, "Public", "ann", "raider1", "raider2", "raider3")
		if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Status: 503}); err != nil {
			t.Fatal(err)
		}
		first := time.Now().Add(-time.Minute)
		for m, second := range map[string]time.Duration{"raider1": 0, "raider2": 2 * time.Second, "raider3": 20 * time.Second} {
			joinAt(t, r, g, m, first)
			if second > 0 {
				joinAt(t, r, g, m, first.Add(second))
			}
			joinAt(t, r, g, m, first) // the first once more
		}
		eventually(t, "what was before a return is settled", func() bool { return len(r.ended()) > 0 })
		r.sim.ClearFaults()
		eventually(t, "all has ended", func() bool { return len(r.ended()) == 5 })
		for m, want := range map[string]string{
			"raider1": "[done]",        // by his own join
			"raider2": "[done done]",   // the second is too near to the first to settle it
			"raider3": "[undone done]", // for his second join only
		} {
			if got := fmt.Sprint(endOf(r, m)); got != want || r.sim.World().Has(g, m) {
				t.Errorf("%s: %s, want %s and him gone", m, got, want)
			}
		}
	})
}
