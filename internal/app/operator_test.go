package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/sim"
)

// ask sends a request to the API of the running bot and decodes its answer.
func ask[A any](t *testing.T, r *rig, method, path string, body any) A {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.app.AdminAddr()+"/api/v1/"+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.cfg.AdminToken.Reveal())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out A
	var failed struct{ Error string }
	if resp.StatusCode != http.StatusOK {
		_ = json.NewDecoder(resp.Body).Decode(&failed)
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, failed.Error)
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// inStates counts the settlements that ended actions, by state.
func (r *rig) inStates() map[actions.State]int {
	states := map[actions.State]int{}
	for _, s := range r.ended() {
		states[s.State]++
	}
	return states
}

const brakedRules = `version: 1
defaults: {mode: enforce, brake: {removals: 8, within: 5m}}
rules:
  - id: raiders
    on: message
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
`

func crowd(t *testing.T, r *rig, n int) {
	t.Helper()
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf("m%02d", i))
	}
	addGroup(t, r, public, "Public", members...)
}

// A rule that removes more than its brake allows is stopped, and what it still wants waits for a
// person. The rule is new, so that half of its brake is the limit.
func TestBrakeHoldsWhatIsTooMuch(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, brakedRules, redisURL, nil)
		crowd(t, r, 12)
		for i := range 10 {
			say(t, r.sim, sim.Message{Group: public, Member: fmt.Sprintf("m%02d", i), Text: "casino"})
		}
		eventually(t, "all are decided", func() bool { return len(r.ended()) == 10 })
		if s := r.inStates(); s[actions.Done] != 4 || s[actions.Held] != 6 {
			t.Fatalf("ended as %v", s)
		}
		pauses := ask[desk.PausesList](t, r, "GET", "pauses", nil).Pauses
		if len(pauses) != 1 || pauses[0].Rule != "raiders" || pauses[0].Group == nil || pauses[0].Group.ID != public {
			t.Fatalf("paused: %+v", pauses)
		}
		// Whoever is released goes, although the rule is paused. One is dropped and stays.
		drop := r.ended()[slices.IndexFunc(r.ended(), func(s actions.Settlement) bool { return s.State == actions.Held })].Item
		if m := ask[desk.Moved](t, r, "POST", "held/drop", desk.Selection{IDs: []string{string(drop.ID)}}); m.Done != 1 {
			t.Fatalf("dropped %+v", m)
		}
		if m := ask[desk.Moved](t, r, "POST", "held/release", desk.Selection{Rule: "raiders"}); m.Done != 5 {
			t.Fatalf("released %+v", m)
		}
		eventually(t, "those released are removed", func() bool { return r.inStates()[actions.Done] == 9 })
		if !r.sim.World().Has(public, string(drop.Member)) {
			t.Error("the one who was dropped is gone")
		}
		// Once the pause is lifted, and the guard has read that, counting starts anew.
		ask[desk.Resumed](t, r, "POST", "resume", desk.ResumeRequest{Rule: "raiders", Group: public})
		eventually(t, "the pause is over", func() bool {
			series, _ := scrape(t, r)
			return series[`groupguard_rule_paused{rule="raiders"}`] == "0"
		})
		say(t, r.sim, sim.Message{Group: public, Member: "m11", Text: "casino"})
		eventually(t, "the rule acts again", func() bool { return !r.sim.World().Has(public, "m11") })
	})
}

// A pause stops what is queued, too.
func TestAPauseStopsWhatIsQueued(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Code: 10023}); err != nil {
		t.Fatal(err)
	}
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
	eventually(t, "the removal was tried", func() bool { return r.sim.Calls("delete_group_member") > 0 })
	ask[desk.Paused](t, r, "POST", "pause", desk.PauseRequest{Rule: "word", Why: "it hits the wrong ones"})
	r.sim.ClearFaults()
	eventually(t, "it is held, or done", func() bool { return len(r.ended()) == 1 })
	if s := r.ended()[0]; s.State != actions.Held && s.State != actions.Done {
		t.Errorf("ended as %s", s.State)
	}
	say(t, r.sim, sim.Message{Group: public, Member: "cat", Text: "赌博"})
	eventually(t, "the next one is held", func() bool { return r.inStates()[actions.Held] > 0 && len(r.ended()) == 2 })
	if !r.sim.World().Has(public, "cat") {
		t.Error("a paused rule removed somebody")
	}
}

// Undoing lets people back in who can be, and names those whom a person has to invite.
func TestUndo(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, func(c *config.Config) { c.CAMS.RosterInterval = 0 })
		addGroups(t, r.sim)
		say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
		say(t, r.sim, sim.Message{Group: live, Member: "bob", Text: "赌博"})
		say(t, r.sim, sim.Message{Group: wa, Member: "15550100002", Text: "赌博"})
		eventually(t, "three are removed", func() bool { return r.inStates()[actions.Done] == 3 })
		first := r.cases()[0].Event.At
		q := desk.UndoRequest{Rule: "word", Since: first.Add(-60e9), Preview: true}
		preview := ask[desk.Undone](t, r, "POST", "undo", q)
		if preview.Found < 3 || preview.Steps[desk.StepAdd] != 1 || preview.Steps[desk.StepFree] != 1 || preview.Steps[desk.StepInvite] != 1 {
			t.Fatalf("the preview says %d cases, %+v", preview.Found, preview.Steps)
		}
		if r.sim.World().Has(public, "bob") {
			t.Fatal("a preview did something")
		}
		q.Preview = false
		done := ask[desk.Undone](t, r, "POST", "undo", q)
		if done.Undone != preview.Found || len(done.Invite) != 1 || done.Invite[0].Member != "15550100002" {
			t.Fatalf("undone: %+v, to invite: %+v", done.Undone, done.Invite)
		}
		eventually(t, "bob is back", func() bool { return r.sim.World().Has(public, "bob") })
		// What he does next is judged again.
		eventually(t, "he is removed for the next offence", func() bool {
			say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博 again"})
			return len(r.sim.Removed(public)) == 2
		})
	})
}

const lockdownRules = `version: 1
defaults: {mode: enforce}
rules:
  - id: gate
    on: join
    providers: [tencent]
    group_types: [Public, Community]
    when: {count: {joins: 3, within: 1m}}
    then: [{lockdown: {for: 10m, joins: close, mute_all: true}}]
`

// A lockdown closes the group, outlives the process, and is ended by an undo: everything is then as it
// was before.
func TestLockdownOutlivesTheProcessAndEnds(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, lockdownRules, redisURL, nil)
		addGroup(t, r, public, "Public", "ann", "bob")
		w := r.sim.World()
		for i := range 3 {
			if err := w.Join(public, fmt.Sprintf("j%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "the group is locked", func() bool { return r.inStates()[actions.Done] == 1 })
		closed := func() bool {
			_, err := w.Post(sim.Message{Group: public, Member: "ann", Text: "hello"})
			return err != nil && w.Join(public, "late") != nil
		}
		if !closed() {
			t.Fatal("people join or write in spite of the lockdown")
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		r.run(t)
		if !closed() {
			t.Fatal("the lockdown ended with the process")
		}
		ask[desk.Undone](t, r, "POST", "undo", desk.UndoRequest{Case: r.cases()[0].Code})
		eventually(t, "the lockdown is over", func() bool { return r.inStates()[actions.Done] == 2 })
		if err := w.Join(public, "late"); err != nil {
			t.Error("nobody can join: ", err)
		}
		if _, err := w.Post(sim.Message{Group: public, Member: "ann", Text: "hello"}); err != nil {
			t.Error("nobody can write: ", err)
		}
	})
}

// What is queued for a rule that is no longer enforced is not carried out behind the back of the
// person who took the rule out of force.
func TestARuleOutOfForceActsNoMore(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Code: 10023}); err != nil {
		t.Fatal(err)
	}
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
	eventually(t, "the removal was tried", func() bool { return r.sim.Calls("delete_group_member") > 0 })
	if err := os.WriteFile(r.cfg.Rules, []byte(strings.Replace(wordRules, "mode: enforce,", "mode: shadow,", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.app.Reload(); err != nil {
		t.Fatal(err)
	}
	r.sim.ClearFaults()
	eventually(t, "it ends", func() bool { return len(r.ended()) == 1 })
	if s := r.ended()[0]; s.State != actions.Held || s.Code != "not_enforced" || !r.sim.World().Has(public, "bob") {
		t.Errorf("ended as %s %s", s.State, s.Code)
	}
}

// Whom an undo brings back is not removed again for coming back.
func TestUndoOfARuleAboutJoinsLasts(t *testing.T) {
	r := start(t, sim.Options{}, raiderRules, "", nil)
	addGroup(t, r, public, "Public", "ann")
	if err := r.sim.World().Join(public, "raider1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the removal ends", func() bool { return r.inStates()[actions.Done] == 1 })
	ask[desk.Undone](t, r, "POST", "undo", desk.UndoRequest{Case: r.cases()[0].Code})
	eventually(t, "the readmission ends", func() bool { return r.inStates()[actions.Done] == 2 })
	if err := r.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.cases()); n != 1 || !r.sim.World().Has(public, "raider1") {
		t.Errorf("%d cases, back in the group: %v", n, r.sim.World().Has(public, "raider1"))
	}
}

// One group is an accident. A rule that would dissolve a second one within a day waits for a person.
func TestARuleDissolvesOneGroupADay(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	for _, g := range []string{private, public} {
		say(t, r.sim, sim.Message{Group: g, Member: "ann", Text: "end this group"})
		eventually(t, "its action ends", func() bool { return len(r.ended()) > 0 })
	}
	eventually(t, "both actions end", func() bool { return len(r.ended()) == 2 })
	states := map[actions.State]int{}
	for _, s := range r.ended() {
		states[s.State]++
	}
	if states[actions.Done] != 1 || states[actions.Held] != 1 || r.sim.Calls("destroy_group") != 1 {
		t.Errorf("ended as %v after %d calls", states, r.sim.Calls("destroy_group"))
	}
}
