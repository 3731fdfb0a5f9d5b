package desk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/policy"
)

// noted returns the pauses as the service reads them.
func (b *bench) noted() []chat.Pause {
	b.t.Helper()
	var out []chat.Pause
	for _, m := range must[[]chat.Memo](b.t)(b.store.Memos(b.t.Context(), "pause")) {
		var p chat.Pause
		if err := json.Unmarshal(m.Body, &p); err != nil || m.Key != p.Key() {
			b.t.Errorf("memo %s: %s (%v)", m.Key, m.Body, err)
		}
		out = append(out, p)
	}
	return out
}

// brake has a brake pause a rule.
func (b *bench) brake(rule chat.RuleID, g *chat.Group) {
	b.t.Helper()
	p := chat.Pause{Rule: rule, Group: g, By: chat.PausedByBrake, Why: "over 20 removals in 5m", At: b.now}
	body, err := json.Marshal(&p)
	if err != nil {
		b.t.Fatal(err)
	}
	m := chat.Memo{Kind: "pause", Key: p.Key(), Version: 1, Body: body, Expires: b.now.Add(time.Hour)}
	if err := b.store.SaveMemo(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

func TestPauseHoldsUntilItIsLifted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links", Group: "tencent:@TGS#fans", Why: "a launch"}))
	if out.Already || out.Warning != "" || *out.Pause.Group != fans || out.Pause.By != chat.PausedByOperator {
		t.Errorf("paused: %+v", out)
	}
	b.now = b.now.Add(365 * 24 * time.Hour)
	again := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links", Group: "tencent:@TGS#fans", Why: "another"}))
	if !again.Already || again.Pause.Why != "a launch" {
		t.Errorf("paused again: %+v", again)
	}
	noted := b.noted()
	if len(noted) != 1 || !noted[0].Covers("links", fans) || noted[0].Covers("links", live) || noted[0].Covers("words", fans) {
		t.Errorf("noted: %+v", noted)
	}
	resumed := must[desk.Resumed](t)(b.Resume(t.Context(), desk.ResumeRequest{Rule: "links"}))
	if len(resumed.Lifted) != 1 || len(resumed.Left) != 0 || resumed.Held != 0 {
		t.Errorf("resumed: %+v", resumed)
	}
	if noted := b.noted(); len(noted) != 1 || !noted[0].Ended.Equal(b.now) {
		t.Errorf("a brake has to know when the pause ended: %+v", noted)
	}
	if list := must[desk.PausesList](t)(b.Pauses(t.Context())); len(list.Pauses) != 0 {
		t.Errorf("listed: %+v", list)
	}
	if out := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links", Group: "tencent:@TGS#fans"})); out.Already {
		t.Error("a pause that ended holds again by itself")
	}
	b.now = b.now.Add(48 * time.Hour)
	if list := must[desk.PausesList](t)(b.Pauses(t.Context())); len(list.Pauses) != 1 {
		t.Errorf("two days later: %+v", list)
	}
}

// Beside the running bot it is known which rules there are: a name that was mistyped at night must not
// look like a pause.
func TestARuleThatIsNotInForceCannotBePausedThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rules, problems := policy.Load(policy.Source{Name: "rules.yaml", Data: []byte(rulesText)}, b.now)
	if rules == nil {
		t.Fatal(problems)
	}
	c := desk.Config{Store: b.store, Now: func() time.Time { return b.now }, Rules: func() *policy.Rules { return rules }}
	if out, err := desk.New(c).Pause(t.Context(), desk.PauseRequest{Rule: "linsk"}); err != nil || out.Warning == "" {
		t.Errorf("beside the store: %+v, %v", out, err)
	}
	c.InForce = true
	_, err := desk.New(c).Pause(t.Context(), desk.PauseRequest{Rule: "lnks"})
	if fault, ok := errors.AsType[*desk.Error](err); !ok || fault.Kind != desk.NotFound || len(b.noted()) != 1 {
		t.Errorf("beside the bot: %v, noted %+v", err, b.noted())
	}
	if _, err := desk.New(c).Pause(t.Context(), desk.PauseRequest{}); err != nil {
		t.Errorf("everything cannot be paused: %v", err)
	}
}

// A brake's pause lets go what it had counted before. An operator who pauses wants that stopped, too.
func TestOperatorsPauseTakesThePlaceOfABrakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.brake("links", &fans)
	tripped := b.now
	b.now = b.now.Add(time.Minute)
	q := desk.PauseRequest{Rule: "links", Group: "tencent:@TGS#fans", Why: "they are regulars"}
	out := must[desk.Paused](t)(b.Pause(t.Context(), q))
	if out.Already || out.Pause.By != chat.PausedByOperator || out.Brake == nil || out.Brake.By != chat.PausedByBrake || !out.Brake.At.Equal(tripped) {
		t.Errorf("paused: %+v", out)
	}
	noted := b.noted()
	if len(noted) != 1 || noted[0].By != chat.PausedByOperator || noted[0].Why != q.Why || !noted[0].At.Equal(b.now) {
		t.Errorf("noted: %+v", noted)
	}
	if again := must[desk.Paused](t)(b.Pause(t.Context(), q)); !again.Already || again.Brake != nil {
		t.Errorf("paused again: %+v", again)
	}
	if out := must[desk.Resumed](t)(b.Resume(t.Context(), desk.ResumeRequest{Rule: "links"})); len(out.Lifted) != 1 || len(out.Left) != 0 {
		t.Errorf("resumed: %+v", out)
	}
}

func TestGroupsAreNamedAtTheirProvider(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for named, want := range map[string]*chat.Group{"": nil, "tencent:@TGS#fans": &fans, "cams:EA93UU0001": &whats} {
		out := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "links", Group: named}))
		if (out.Pause.Group == nil) != (want == nil) || want != nil && *out.Pause.Group != *want {
			t.Errorf("%q: %+v", named, out.Pause.Group)
		}
	}
	for _, named := range []string{"@TGS#fans", "telegram:1"} { // two providers are on
		_, err := b.Pause(t.Context(), desk.PauseRequest{Group: named})
		is(t, err, desk.Mistaken)
	}
	_, err := b.Pause(t.Context(), desk.PauseRequest{Why: strings.Repeat("x", 501)})
	is(t, err, desk.Mistaken)
	one := desk.New(desk.Config{Store: b.store, Now: func() time.Time { return b.now }, Accounts: map[chat.Provider]chat.Account{chat.CAMS: "cams-1"}})
	if out := must[desk.Paused](t)(one.Pause(t.Context(), desk.PauseRequest{Group: "EA93UU0001"})); *out.Pause.Group != whats {
		t.Errorf("with one provider: %+v", out.Pause.Group)
	}
}

func TestUnknownRuleIsAWarning(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if out := must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{Rule: "lnks"})); !strings.Contains(out.Warning, `"lnks"`) {
		t.Errorf("warning %q", out.Warning)
	}
	if out := must[desk.Resumed](t)(b.Resume(t.Context(), desk.ResumeRequest{Rule: "linx"})); !strings.Contains(out.Warning, `"linx"`) {
		t.Errorf("warning %q", out.Warning)
	}
}

func TestResumeLiftsWhatIsNamed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		q    desk.ResumeRequest
		want []string // what still holds, as rule and group
	}{
		"the pause of everything":     {desk.ResumeRequest{}, []string{"links @TGS#fans", "links @TGS#live", "words "}},
		"a rule, in each group":       {desk.ResumeRequest{Rule: "links"}, []string{" ", "words "}},
		"a rule in one group":         {desk.ResumeRequest{Rule: "links", Group: "@TGS#live"}, []string{" ", "links @TGS#fans", "words "}},
		"everything":                  {desk.ResumeRequest{All: true}, nil},
		"everything in one group":     {desk.ResumeRequest{All: true, Group: "tencent:@TGS#fans"}, []string{" ", "links @TGS#live", "words "}},
		"what is not paused":          {desk.ResumeRequest{Rule: "raid"}, []string{" ", "links @TGS#fans", "links @TGS#live", "words "}},
		"a group that has no pause":   {desk.ResumeRequest{Group: "@TGS#fans"}, []string{" ", "links @TGS#fans", "links @TGS#live", "words "}},
		"a rule that has none there":  {desk.ResumeRequest{Rule: "words", Group: "@TGS#fans"}, []string{" ", "links @TGS#fans", "links @TGS#live", "words "}},
		"a rule that is paused whole": {desk.ResumeRequest{Rule: "words"}, []string{" ", "links @TGS#fans", "links @TGS#live"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.brake("links", &fans)
			b.brake("links", &live)
			b.brake("words", nil)
			must[desk.Paused](t)(b.Pause(t.Context(), desk.PauseRequest{}))
			out := must[desk.Resumed](t)(b.Resume(t.Context(), tt.q))
			if len(out.Lifted) != 4-len(tt.want) || len(out.Left) != len(tt.want) {
				t.Errorf("lifted %+v, left %+v", out.Lifted, out.Left)
			}
			var got []string
			for _, p := range must[desk.PausesList](t)(b.Pauses(t.Context())).Pauses {
				g := ""
				if p.Group != nil {
					g = string(p.Group.ID)
				}
				got = append(got, string(p.Rule)+" "+g)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("still paused: %q, want %q", got, tt.want)
			}
		})
	}
	_, err := newBench(t).Resume(t.Context(), desk.ResumeRequest{Rule: "links", All: true})
	is(t, err, desk.Mistaken)
}

func TestResumeCountsWhatIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.broke(fans, "ann", wants(chat.Remove, "links"))
	b.broke(live, "bob", wants(chat.Remove, "links"))
	b.broke(fans, "cat", wants(chat.Remove, "words"))
	b.settle(held)
	b.brake("links", &fans)
	b.brake("words", nil)
	out := must[desk.Resumed](t)(b.Resume(t.Context(), desk.ResumeRequest{Rule: "links"}))
	if out.Held != 1 || out.MoreHeld || b.shelf(actions.HeldShelf) != 3 {
		t.Errorf("resumed: %+v, and %d are held", out, b.shelf(actions.HeldShelf))
	}
}
