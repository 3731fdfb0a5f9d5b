package desk

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// Whatever a provider answered and in whatever order: what may have been done is undone, and a member
// to whom nothing was done is left alone.
func TestWhatMayHaveBeenDoneIsUndone(t *testing.T) {
	t.Parallel()
	kinds := map[chat.IntentKind]chat.IntentKind{chat.Remove: chat.Readmit, chat.Mute: chat.Unmute, chat.Lockdown: chat.Unlock}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]chat.IntentKind{chat.Remove, chat.Mute, chat.Lockdown}).Draw(t, "kind")
		r := chat.Record{Case: chat.Case{
			ID: chat.CaseID(chat.Digest("case")), Intents: []chat.Intent{{Kind: kind, Rule: "r"}},
			Event: chat.Event{Group: chat.Group{Provider: chat.Tencent, ID: "g"}, Member: "bob", Text: "secret"},
		}}
		action := r.Case.Actions()[0].ID
		maybe, queued := false, true
		for _, a := range rapid.SliceOfN(rapid.SampledFrom([]chat.Answer{
			{State: "retry", API: "call", Code: "timeout"}, {State: "retry", Code: "role"}, {State: "done", API: "call"}, {State: "done", API: "call", Code: "not_member"},
			{State: "dead", API: "call", Code: "500"}, {State: "dead", Code: "no route"}, {State: "spared", API: "roles"},
			{State: "held", Code: "paused"}, {State: "released"}, {State: "requeued"}, {State: "dropped"}, {State: "undone"}, {State: "dry_run"},
		}), 0, 8).Draw(t, "answers") {
			a.Action = action
			r.Answers = append(r.Answers, a)
			called := a.API == "call" && a.Code != "not_member"
			maybe = maybe || called
			queued = a.State == "retry" || a.State == "released" || a.State == "requeued"
		}
		u, ok := newUndoing(&r, "")
		if !ok {
			t.Fatal("there is nothing to undo")
		}
		u.look(map[chat.ActionID]bool{action: true}) // where the last answer says that it is held or dead, it is
		c := u.undo(r.Case.Event.At)
		if want := maybe || queued; want != (len(c.Intents) == 1) || want && c.Intents[0].Kind != kinds[kind] {
			t.Fatalf("after %+v: intents %+v", r.Answers, c.Intents)
		}
		if c.Event.Text != "" || !undoes(&c) || c.Of != r.Case.ID {
			t.Fatalf("case %+v", c)
		}
	})
}
