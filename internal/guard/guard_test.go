package guard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// several has rules in all modes, and exempts one member.
const several = `version: 1
defaults: {exempt: {members: [boss]}}
rules:
  - {id: r, on: message, mode: enforce, when: {link: {any: true}}, then: [remove: {}], brake: off}
  - {id: dry, on: message, mode: shadow, when: {link: {any: true}}, then: [remove: {}], brake: off}
  - {id: none, on: message, mode: off, when: {link: {any: true}}, then: [remove: {}], brake: off}
`

func TestRulings(t *testing.T) {
	g1 := groupOf("g1")
	of := func(rule string, kind chat.IntentKind) func(*chat.Action) {
		return func(a *chat.Action) { a.Intent.Rule, a.Intent.Kind = chat.RuleID(rule), kind }
	}
	undoing := chat.Undoing{Case: "undone"}
	span := chat.Undoing{Rule: "r", Since: start.Add(newFor), Until: start.Add(newFor + time.Second)}
	before := func(a *chat.Action) { a.Received = start.Add(newFor - time.Second) }
	released := func(a *chat.Action) { a.Released = start }
	later := func(a *chat.Action) { a.Released = start.Add(time.Hour) }
	part := func(a *chat.Action) { a.Of = "undone" }
	undone := func(a *chat.Action) { a.Case = "undone" }
	boss := func(a *chat.Action) { a.Member = "boss" }
	beat := func(a *chat.Action) { a.Group.Provider = chat.Heartbeat }
	for _, test := range []struct {
		name   string
		set    func(*bench)
		change []func(*chat.Action)
		want   string
	}{
		{name: "nothing is known against it", want: "goes"},
		{"undone", func(b *bench) { b.undo(undoing) }, []func(*chat.Action){undone}, "undone"},
		{"a part of what is undone", func(b *bench) { b.undo(undoing) }, []func(*chat.Action){part}, "undone"},
		{"another case is undone", func(b *bench) { b.undo(undoing) }, nil, "goes"},
		{"undone with its rule", func(b *bench) { b.undo(span) }, nil, "undone"},
		{"accepted before the span that is undone", func(b *bench) { b.undo(span) }, []func(*chat.Action){before}, "goes"},
		{"undone, of an exempt member", func(b *bench) { b.undo(undoing) }, []func(*chat.Action){undone, boss}, "undone"},
		{"undone after it was released", func(b *bench) { b.undo(undoing) }, []func(*chat.Action){undone, released}, "undone"},
		{"the unlocking of what is undone", func(b *bench) { b.undo(undoing) }, []func(*chat.Action){part, of("r", chat.Unlock)}, "goes"},
		{"exempt", nil, []func(*chat.Action){boss}, "exempt"},
		{"exempt and paused", func(b *bench) { b.pause("r", nil) }, []func(*chat.Action){boss}, "exempt"},
		{"exempt and released", nil, []func(*chat.Action){boss, released}, "exempt"},
		{"the readmission of an exempt member", nil, []func(*chat.Action){boss, of("r", chat.Readmit)}, "goes"},
		{"paused", func(b *bench) { b.pause("r", nil) }, nil, "paused"},
		{"paused here", func(b *bench) { b.pause("r", &g1) }, nil, "paused"},
		{"all rules paused here", func(b *bench) { b.pause("", &g1) }, nil, "paused"},
		{"everything paused", func(b *bench) { b.pause("", nil) }, nil, "paused"},
		{"paused elsewhere", func(b *bench) { g2 := groupOf("g2"); b.pause("r", &g2) }, nil, "goes"},
		{"another rule paused", func(b *bench) { b.pause("dry", nil) }, nil, "goes"},
		{"paused, a warning", func(b *bench) { b.pause("r", nil) }, []func(*chat.Action){of("r", chat.Warn)}, "paused"},
		{"paused, an unmute", func(b *bench) { b.pause("", nil) }, []func(*chat.Action){of("r", chat.Unmute)}, "goes"},
		{"paused, then released", func(b *bench) { b.pause("r", nil) }, []func(*chat.Action){later}, "goes"},
		{"released, then paused", func(b *bench) { b.clock.pass(time.Minute); b.pause("r", nil) }, []func(*chat.Action){released}, "paused"},
		{"released, then everything paused", func(b *bench) { b.clock.pass(time.Minute); b.pause("", nil) }, []func(*chat.Action){released}, "paused"},
		{"paused and resumed", func(b *bench) { b.pause("r", nil); b.resume("r", nil); b.read() }, nil, "goes"},
		{"paused here, resumed everywhere", func(b *bench) { b.pause("r", &g1); b.pause("r", nil); b.resume("r", nil); b.read() }, nil, "paused"},
		{"in shadow", nil, []func(*chat.Action){of("dry", chat.Remove)}, "not_enforced"},
		{"off", nil, []func(*chat.Action){of("none", chat.Mute)}, "not_enforced"},
		{"gone", nil, []func(*chat.Action){of("gone", chat.Lockdown)}, "not_enforced"},
		{"gone and released", nil, []func(*chat.Action){of("gone", chat.Remove), released}, "goes"},
		{"a heartbeat", nil, []func(*chat.Action){of("heartbeat", chat.Remove), beat}, "goes"},
		{"a heartbeat by the name of a rule, of an exempt member", nil, []func(*chat.Action){of("dry", chat.Remove), beat, boss}, "goes"},
		{"a heartbeat while everything is paused", func(b *bench) { b.pause("", nil) }, []func(*chat.Action){beat}, "goes"},
		{"a heartbeat while its rule's name is undone", func(b *bench) { b.undo(span) }, []func(*chat.Action){beat}, "goes"},
		{"what is called a heartbeat, of a provider", nil, []func(*chat.Action){of("heartbeat", chat.Remove)}, "not_enforced"},
		{"the unlocking of a rule that is gone", nil, []func(*chat.Action){of("gone", chat.Unlock)}, "goes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := build(t, several)
			if test.set != nil {
				test.set(b)
			}
			a := b.want(chat.Remove, "g1", "ann")
			for _, change := range test.change {
				change(&a)
			}
			if got := b.admit(a); got[0] != test.want {
				t.Errorf("when claimed: %s, want %s", got[0], test.want)
			}
			if got := codeOf(b.Still(&a)); got != test.want {
				t.Errorf("before the call: %s, want %s", got, test.want)
			}
		})
	}
}

func TestEachRulingSaysHowTheActionEnds(t *testing.T) {
	b := build(t, braked("{removals: 1, within: 5m}"))
	as := b.removals("g1", "m", 2)
	rulings, err := b.Admit(t.Context(), as)
	if err != nil || rulings[1].State != actions.Held || !strings.Contains(rulings[1].Text, "more than 1 within 5m0s") {
		t.Errorf("past the brake: %+v, error %v", rulings, err)
	}
	if r := b.Still(&as[0]); r.Stops() {
		t.Errorf("within the brake, which has paused the rule since: %+v", r)
	}
	rulings, err = b.Admit(t.Context(), b.removals("g1", "late", 1))
	if err != nil || rulings[0].State != actions.Held || rulings[0].Text != "rule r is paused in this group by the brake" {
		t.Errorf("after the brake: %+v, error %v", rulings, err)
	}
	let := b.removals("g1", "let", 1)
	let[0].Released = start.Add(-time.Hour)
	if rulings, err = b.Admit(t.Context(), let); err != nil || rulings[0].Stops() {
		t.Errorf("released before the brake: %+v, error %v", rulings, err)
	}
	b.pause("", nil)
	if r := b.Still(&as[0]); r.State != actions.Held || r.Text != "everything is paused by the operator" {
		t.Errorf("paused by a person, too: %+v", r)
	}
	b.undo(chat.Undoing{Case: as[0].Case})
	if r := b.Still(&as[0]); r.State != actions.Void || r.Text == "" {
		t.Errorf("undone: %+v", r)
	}
	b.load(several)
	boss := b.want(chat.Remove, "g2", "boss")
	if r := b.Still(&boss); r.State != actions.Spared || r.Text == "" {
		t.Errorf("exempt: %+v", r)
	}
}

func TestABatchIsRuledOnInOrder(t *testing.T) {
	b := build(t, several)
	g1 := groupOf("g1")
	b.pause("r", &g1)
	got := b.admit(b.want(chat.Remove, "g1", "ann"), b.want(chat.Remove, "g2", "boss"), b.want(chat.Remove, "g2", "ann"), b.want(chat.Unmute, "g1", "ann"))
	if want := []string{"paused", "exempt", "goes", "goes"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if none, err := b.Admit(t.Context(), nil); len(none) != 0 || err != nil {
		t.Errorf("of no actions: %v, error %v", none, err)
	}
}

func TestPausedTellsThePipeline(t *testing.T) {
	b := build(t, several)
	g1 := groupOf("g1")
	if b.Paused("r", g1) {
		t.Error("paused before anything was read")
	}
	b.pause("r", &g1)
	if !b.Paused("r", g1) || b.Paused("r", groupOf("g2")) || b.Paused("dry", g1) {
		t.Error("a pause holds for another rule or group, or not at all")
	}
}
