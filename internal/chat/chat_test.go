package chat_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

var group = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}

func TestDigestSeesTheBorderBetweenParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "a")
		b := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "b")
		same := len(a) == len(b)
		for i := range min(len(a), len(b)) {
			same = same && a[i] == b[i]
		}
		if (chat.Digest(a...) == chat.Digest(b...)) != same {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestCaseIDIsAFunctionOfTheEvent(t *testing.T) {
	other := group
	other.Account = "1400000001"
	base := chat.NewCaseID(group, "m:bob:1", "text")
	for name, id := range map[string]chat.CaseID{
		"another event":   chat.NewCaseID(group, "m:bob:2", "text"),
		"another account": chat.NewCaseID(other, "m:bob:1", "text"),
		"another text":    chat.NewCaseID(group, "m:bob:1", "other"),
	} {
		if id == base {
			t.Errorf("%s has the same case", name)
		}
	}
	if chat.NewCaseID(group, "m:bob:1", "text") != base {
		t.Error("the same event has another case")
	}
}

func TestCodeCanBeReadOutAndTypedIn(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{8}$`)
	rapid.Check(t, func(t *rapid.T) {
		code := chat.NewCaseID(group, chat.EventID(rapid.String().Draw(t, "event"))).Code()
		if !shape.MatchString(code) {
			t.Fatalf("code %q", code)
		}
		typed := strings.NewReplacer("1", "l", "0", "o").Replace(strings.ToLower(code[:4] + "-" + code[4:]))
		if chat.NormalCode(" "+typed) != code {
			t.Fatalf("%q is read as %q, want %q", typed, chat.NormalCode(typed), code)
		}
	})
}

func TestActionsOfACase(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	c := chat.Case{
		ID: "c", Event: chat.Event{Group: group, ID: "e", Member: "bob", At: at, GroupType: chat.Public},
		Intents: []chat.Intent{
			{Kind: chat.Alert, Rule: "r"}, {Kind: chat.Remove, Rule: "r"}, {Kind: chat.Block, Rule: "r"},
			{Kind: chat.Mute, Rule: "r", Until: at.Add(time.Minute)}, {Kind: chat.Dissolve, Rule: "r"},
		},
	}
	got := c.Actions()
	if len(got) != 3 {
		t.Fatalf("%d actions, want remove, mute and dissolve", len(got))
	}
	seen := map[chat.ActionID]bool{}
	for i, want := range []struct {
		kind   chat.IntentKind
		member chat.MemberID
		keep   time.Duration
	}{
		{chat.Remove, "bob", chat.DedupeFor}, {chat.Mute, "bob", time.Minute}, {chat.Dissolve, "", chat.DedupeFor},
	} {
		a := got[i]
		if _, keep := a.Dedupe(); a.Intent.Kind != want.kind || a.Member != want.member || keep != want.keep || a.Group != group {
			t.Errorf("action %d: %+v, kept for %v", i, a, keep)
		}
		seen[a.ID] = true
	}
	c.Decided = at.Add(time.Hour)
	if len(seen) != 3 || c.Actions()[0].ID != got[0].ID || !c.Actions()[0].Decided.Equal(c.Decided) {
		t.Error("IDs must differ between actions and stay the same for one, whenever it was decided")
	}
}

func TestDedupeTellsKindsAndMembersApart(t *testing.T) {
	a := chat.Action{Member: "bob", Intent: chat.Intent{Kind: chat.Remove}}
	b := chat.Action{Member: "bob", Intent: chat.Intent{Kind: chat.Mute}}
	c := chat.Action{Member: "ann", Intent: chat.Intent{Kind: chat.Remove}}
	ka, _ := a.Dedupe()
	kb, _ := b.Dedupe()
	kc, _ := c.Dedupe()
	if ka == kb || ka == kc || kb == kc {
		t.Errorf("keys %q %q %q", ka, kb, kc)
	}
	// A short mute ends before ten minutes are over, and may be wanted again then.
	a.Intent.Until = a.EventAt.Add(-time.Hour)
	if _, keep := a.Dedupe(); keep != time.Second {
		t.Errorf("an end that has passed is kept for %v", keep)
	}
}

func TestLookThatAsksNothingMakesNoTrip(t *testing.T) {
	for name, tt := range map[string]struct {
		look  chat.Look
		empty bool
	}{
		"a message":            {chat.Look{Kind: chat.Message}, true},
		"a message with times": {chat.Look{Kind: chat.Message, Joined: true}, false},
		"a counted message":    {chat.Look{Kind: chat.Message, Windows: []chat.Window{{}}}, false},
		"a join":               {chat.Look{Kind: chat.Join}, false},
		"a join that is asked": {chat.Look{Kind: chat.Join, Peek: true}, true},
	} {
		if tt.look.Empty() != tt.empty {
			t.Errorf("%s: empty is %t", name, !tt.empty)
		}
	}
}
