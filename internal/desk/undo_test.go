package desk_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// kinds returns what is in the queue, as kind and member.
func (b *bench) kinds() []string {
	b.t.Helper()
	var out []string
	for _, item := range b.claim() {
		out = append(out, string(item.Intent.Kind)+" "+string(item.Member))
	}
	slices.Sort(out)
	return out
}

// undoings returns what the service is told not to carry out.
func (b *bench) undoings() []chat.Undoing {
	b.t.Helper()
	var out []chat.Undoing
	for _, m := range must[[]chat.Memo](b.t)(b.store.Memos(b.t.Context(), "undoing")) {
		var u chat.Undoing
		if err := json.Unmarshal(m.Body, &u); err != nil || m.Key != u.Key() {
			b.t.Errorf("memo %s: %s (%v)", m.Key, m.Body, err)
		}
		out = append(out, u)
	}
	return out
}

func TestEachKindOfActionIsUndone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		group   chat.Group
		kind    chat.IntentKind
		answer  actions.Settlement
		step    desk.Step
		queued  []string
		dropped int
		invite  int
	}{
		"a removal":                      {fans, chat.Remove, done, desk.StepAdd, []string{"readmit bob"}, 0, 0},
		"a removal from a live room":     {live, chat.Remove, done, desk.StepFree, []string{"readmit bob"}, 0, 0},
		"a removal on WhatsApp":          {whats, chat.Remove, done, desk.StepInvite, nil, 0, 1},
		"a mute":                         {fans, chat.Mute, done, desk.StepUnmute, []string{"unmute bob"}, 0, 0},
		"a lockdown":                     {fans, chat.Lockdown, done, desk.StepUnlock, []string{"unlock "}, 0, 0},
		"a lockdown on WhatsApp":         {whats, chat.Lockdown, done, desk.StepLink, nil, 0, 0},
		"a group that was dissolved":     {fans, chat.Dissolve, done, desk.StepGone, nil, 0, 1},
		"a message that was taken back":  {fans, chat.Recall, done, desk.StepStays, nil, 0, 0},
		"a warning":                      {fans, chat.Warn, done, desk.StepStays, nil, 0, 0},
		"a held removal":                 {fans, chat.Remove, held, desk.StepDrop, nil, 1, 0},
		"a dead letter that was tried":   {fans, chat.Remove, dead, desk.StepAdd, []string{"readmit bob"}, 1, 0},
		"a dead letter that never was":   {fans, chat.Remove, actions.Settlement{State: actions.Dead, Code: "no_route"}, desk.StepDrop, nil, 1, 0},
		"a member who was spared":        {fans, chat.Remove, spared, desk.StepNothing, nil, 0, 0},
		"a dry run":                      {fans, chat.Remove, actions.Settlement{State: actions.DryRun}, desk.StepNothing, nil, 0, 0},
		"what is voided already":         {fans, chat.Remove, actions.Settlement{State: actions.Void, Code: "undone"}, desk.StepNothing, nil, 0, 0},
		"a held removal on WhatsApp":     {whats, chat.Remove, held, desk.StepDrop, nil, 1, 0},
		"a dead WhatsApp call, unproven": {whats, chat.Remove, dead, desk.StepInvite, nil, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.broke(tt.group, "bob", wants(tt.kind, "links"))
			b.settle(tt.answer)
			b.now = b.now.Add(time.Minute)
			plan := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code, Preview: true}))
			if plan.Found != 1 || plan.Steps[tt.step] != 1 || plan.Cases[0].Steps[0] != tt.step || len(plan.Invite) != tt.invite {
				t.Errorf("preview: %+v", plan)
			}
			if len(b.undoings()) != 0 || len(b.kinds()) != 0 {
				t.Error("the preview has done something")
			}
			out := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
			if out.Undone != 1 || out.Already != 0 || out.Dropped != tt.dropped || out.Steps[tt.step] != 1 {
				t.Errorf("undone: %+v", out)
			}
			if got := b.kinds(); !slices.Equal(got, tt.queued) {
				t.Errorf("queued %q, want %q", got, tt.queued)
			}
			if u := b.undoings(); len(u) != 1 || u[0].Case != c.ID {
				t.Errorf("announced: %+v", u)
			}
			if b.shelf(actions.HeldShelf)+b.shelf(actions.DeadShelf) != 0 {
				t.Error("letters are left on a shelf")
			}
			again := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: string(c.ID)}))
			if again.Undone != 0 || again.Already != 1 || len(b.undoings()) != 1 {
				t.Errorf("again: %+v", again)
			}
			v := must[desk.CaseView](t)(b.Case(t.Context(), c.Code))
			if len(v.Undone) != 1 || !v.Undone[0].Undoes || !v.Undone[0].At.Equal(b.now) {
				t.Fatalf("the case does not show it: %+v", v.Undone)
			}
			_, err := b.Undo(t.Context(), desk.UndoRequest{Case: v.Undone[0].Code, Preview: true})
			is(t, err, desk.Refused)
		})
	}
}

// said returns what a provider that was asked says, where nothing had to be done.
func said(code, text string) actions.Settlement {
	return actions.Settlement{State: actions.Done, API: "delete_group_member", Code: code, Text: text}
}

func TestWhatWasNotDoneIsNotUndone(t *testing.T) {
	t.Parallel()
	failed := actions.Settlement{State: actions.Dead, API: "delete_group_member", Code: "timeout"}
	for name, tt := range map[string]struct {
		group   chat.Group
		kind    chat.IntentKind
		answers []actions.Settlement // each but the last one is a dead letter's, which is tried again
		step    desk.Step
		queued  []string
	}{
		"who had left":                         {fans, chat.Remove, []actions.Settlement{said("not_member", "")}, desk.StepNothing, nil},
		"who may have been removed before":     {fans, chat.Remove, []actions.Settlement{failed, said("not_member", "")}, desk.StepAdd, []string{"readmit bob"}},
		"whose group is gone":                  {fans, chat.Remove, []actions.Settlement{said("group_gone", "")}, desk.StepNothing, nil},
		"a ban that had ended":                 {live, chat.Remove, []actions.Settlement{said("expired", "")}, desk.StepNothing, nil},
		"a mute that had ended":                {fans, chat.Mute, []actions.Settlement{said("expired", "")}, desk.StepNothing, nil},
		"who was not in the WhatsApp group":    {whats, chat.Remove, []actions.Settlement{said("131212", "not a member")}, desk.StepNothing, nil},
		"the same within CAMS's own code":      {whats, chat.Remove, []actions.Settlement{said("isv.131212", "")}, desk.StepNothing, nil},
		"the same in front of CAMS's text":     {whats, chat.Remove, []actions.Settlement{said("Failed", "131212: not a member")}, desk.StepNothing, nil},
		"one of several, some of them removed": {whats, chat.Remove, []actions.Settlement{said("131201", "")}, desk.StepInvite, nil},
		"a WhatsApp group that was gone":       {whats, chat.Dissolve, []actions.Settlement{said("131041", "")}, desk.StepNothing, nil},
		"a lockdown that was too late":         {fans, chat.Lockdown, []actions.Settlement{said("expired", "")}, desk.StepNothing, nil},
		"a group that was shut":                {fans, chat.Lockdown, []actions.Settlement{said("shut_already", "")}, desk.StepNothing, nil},
		"a group that may be shut by a try":    {fans, chat.Lockdown, []actions.Settlement{failed, said("shut_already", "")}, desk.StepUnlock, []string{"unlock "}},
		"a lockdown that was extended":         {fans, chat.Lockdown, []actions.Settlement{said("extended", "until 2026-11-20T21:00:00Z")}, desk.StepUnlock, []string{"unlock "}},
		"a lockdown that only mutes":           {fans, chat.Lockdown, []actions.Settlement{said("joins_open", "")}, desk.StepUnlock, []string{"unlock "}},
		"a message that was gone":              {fans, chat.Recall, []actions.Settlement{said("10030", "")}, desk.StepNothing, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.broke(tt.group, "bob", wants(tt.kind, "links"))
			for i, answer := range tt.answers {
				if i > 0 {
					must[desk.Moved](t)(b.Requeue(t.Context(), actions.DeadShelf, desk.Selection{All: true}))
				}
				b.settle(answer)
			}
			b.now = b.now.Add(time.Minute)
			out := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
			if out.Steps[tt.step] != 1 || (out.Invites > 0) != (tt.step == desk.StepInvite) {
				t.Errorf("undone: %+v", out)
			}
			if got := b.kinds(); !slices.Equal(got, tt.queued) {
				t.Errorf("queued %q, want %q", got, tt.queued)
			}
		})
	}
}

func TestWhatIsInTheQueueIsVoidedAndCovered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.broke(fans, "bob", wants(chat.Remove, "links"))
	b.now = b.now.Add(time.Second)
	out := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
	if out.Steps[desk.StepVoid] != 1 || len(out.Invite) != 0 {
		t.Errorf("undone: %+v", out)
	}
	items := b.claim()
	if len(items) != 2 {
		t.Fatalf("queued: %+v", items)
	}
	u := b.undoings()[0]
	if !u.Covers(&items[0].Action) || u.Covers(&items[1].Action) || items[1].Intent.Kind != chat.Readmit {
		t.Errorf("the removal must not go, and what takes it back must: %+v, %+v", u, items)
	}
	if in := items[1].Intent; in.Rule != "links" || !in.Unsure || in.Reason != "" || items[1].Of != c.ID {
		t.Errorf("readmission: %+v", items[1].Action)
	}
}

// Whoever breaks the rule again after an undoing is removed again: the mark of the first removal goes.
func TestUndoneRemovalKeepsNobodyIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.broke(fans, "bob", wants(chat.Remove, "links"))
	b.settle(done)
	must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
	b.settle(done)
	b.now = b.now.Add(time.Second)
	b.broke(fans, "bob", wants(chat.Remove, "links"))
	if got := b.kinds(); !slices.Equal(got, []string{"remove bob"}) {
		t.Errorf("queued: %q", got)
	}
}

func TestCaseIsUndoneWithItsParts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.broke(fans, "ann", wants(chat.Remove, "links"))
	bob := b.partOf(c, "bob", wants(chat.Remove, "links"))
	b.partOf(c, "ann", wants(chat.Recall, "links"))
	b.settle(done)
	b.now = b.now.Add(time.Second)
	one := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: bob.Code}))
	if one.Found != 1 || !slices.Equal(b.kinds(), []string{"readmit bob"}) {
		t.Errorf("one part: %+v", one)
	}
	b.settle(done)
	all := must[desk.Undone](t)(b.Undo(t.Context(), desk.UndoRequest{Case: c.Code}))
	if all.Found != 3 || all.Undone != 2 || all.Already != 1 || all.Steps[desk.StepStays] != 1 {
		t.Errorf("the whole: %+v", all)
	}
}
