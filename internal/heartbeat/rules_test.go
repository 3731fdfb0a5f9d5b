package heartbeat

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestTheRulesJudgeEveryBeatAlone lets the rules look at a beat and at what is none.
func TestTheRulesJudgeEveryBeatAlone(t *testing.T) {
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	h := build(t, time.Minute, 4, lineTo(chat.Tencent, "1", secret)).Heart
	for _, test := range []struct {
		name   string
		change func(*chat.Event)
		count  int // what the store says
		acts   bool
	}{
		{"a beat", func(*chat.Event) {}, 2, true},
		{"that the store does not count", func(*chat.Event) {}, 1, false},
		{"without its words", func(e *chat.Event) { e.Text = "https://a.example https://b.example" }, 2, false},
		{"without its links", func(e *chat.Event) { e.Text = "groupguard heartbeat" }, 2, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := beatOf(h.lines[0], 1, time.Now())
			own, ok := h.Own(e)
			if !ok {
				t.Fatal("a beat is not known")
			}
			test.change(&own)
			x := rules.Examine(&own)
			defer x.Release()
			for range 3 {
				look := x.Look()
				if look.Empty() {
					break
				}
				if len(look.Windows) != 1 || look.Windows[0].Add != 2 || look.Windows[0].Limit != 2 || look.Joined {
					t.Errorf("asks for %+v", look)
				}
				x.Learn(chat.Facts{Counts: []int{test.count}})
			}
			d := x.Judge()
			if (d.Case != nil) != test.acts {
				t.Fatalf("decided %+v", d)
			}
			if d.Case == nil {
				return
			}
			if a := d.Case.Actions(); len(a) != 1 || a[0].Intent.Kind != chat.Remove || a[0].Member != own.Member || !a[0].EventAt.Equal(e.At) {
				t.Errorf("wants %+v", a)
			}
		})
	}
}

func TestABeatIsLateAfterTenMinutes(t *testing.T) {
	now := time.Now()
	for age, late := range map[time.Duration]bool{0: false, 10 * time.Minute: false, 10*time.Minute + 1: true, -time.Hour: false} {
		if Late(&chat.Event{At: now.Add(-age)}, now) != late {
			t.Errorf("%v old: late is not %v", age, late)
		}
	}
}
