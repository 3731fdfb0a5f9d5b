package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

// acted returns whom a decision removes, as group/member, in order.
func acted(d Decision) []string {
	var out []string
	if d.Case == nil {
		return out
	}
	for _, c := range append([]chat.Case{*d.Case}, d.Parts...) {
		for _, in := range c.Intents {
			if in.Kind != chat.Remove {
				continue
			}
			out = append(out, fmt.Sprintf("%s/%s", c.Event.Group.ID, c.Event.Member))
		}
	}
	slices.Sort(out)
	return out
}

// flood returns lines with which one member sends the same text again and again.
func flood(who string, n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%s %ds: %s", who, 2+i, longAdvert))
	}
	return lines
}

func TestOnlyThoseWhoSentTheTextAreRemoved(t *testing.T) {
	for _, tc := range []struct {
		name, keys, remove string
		lines              []string
		want               string
	}{
		{"a campaign over groups", "groups: 3, within: 10m, per: everywhere", "who: burst, from: all_matching_groups",
			[]string{"g/u 0s: " + longAdvert, "g/x 1s: what is this", "h/v 2s: " + longAdvert, "h/y 3s: nice weather", "wa/w 4s: " + longAdvert}, "g/u h/v wa/w"},
		{"a campaign of similar texts", "groups: 3, within: 10m, per: everywhere, similar: 85%", "who: burst, from: all_matching_groups",
			[]string{"g/u 0s: " + longAdvert + " 1", "g/x 1s: " + strings.Repeat("quite another text ", 5), "h/v 2s: " + longAdvert + " 2", "wa/w 4s: " + longAdvert + " 3"}, "g/u h/v wa/w"},
		{"members of one group", "members: 3, within: 10m", "who: burst",
			[]string{"g/u 0s: " + longAdvert, "g/x 1s: hello everybody", "g/u 2s: " + longAdvert, "g/v 3s: " + longAdvert, "g/w 4s: " + longAdvert}, "g/u g/v g/w"},
		{"those before the window are let off", "members: 3, within: 1m", "who: burst",
			[]string{"g/u 0s: " + longAdvert, "g/v 30s: " + longAdvert, "g/w 61s: " + longAdvert, "g/x 62s: " + longAdvert}, "g/v g/w g/x"},
		{"and those after a full span", "members: 3, within: 1m", "who: burst",
			[]string{"g/a 0s: " + longAdvert, "g/b 1s: " + longAdvert, "g/c 100s: " + longAdvert, "g/d 50s: " + longAdvert}, "g/a g/b g/d"},
		{"a flooder crowds nobody out", "members: 3, within: 10m, similar: 85%", "who: burst",
			append(append([]string{"g/b 0s: " + longAdvert, "g/a 1s: " + longAdvert}, flood("g/a", 80)...), "g/d 99s: "+longAdvert), "g/a g/b g/d"},
		{"one member everywhere", "groups: 2, within: 10m", "from: all_matching_groups",
			[]string{"g/u 0s: " + longAdvert, "h/v 1s: " + longAdvert, "i/u 2s: " + longAdvert}, "g/u i/u"},
		{"by times", "times: 3, within: 10m, per: [group]", "who: burst",
			[]string{"g/u 0s: " + longAdvert, "g/u 1s: " + longAdvert, "g/v 2s: ok", "g/w 3s: " + longAdvert}, "g/u g/w"},
		{"nobody but the sender unless the rule says so", "members: 2, within: 10m", "", []string{"g/u 0s: " + longAdvert, "g/v 1s: " + longAdvert}, "g/v"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := load(t, "{version: 1, rules: [{id: r, on: message, mode: enforce, when: {same_text: {"+tc.keys+"}}, then: [remove: {"+tc.remove+"}]}]}")
			m, last := newMemory(), Decision{}
			for i, line := range tc.lines {
				last = m.judge(r, sent(t, line, i))
				if i < len(tc.lines)-1 && last.Case != nil {
					t.Errorf("message %d matches", i)
				}
			}
			if got := strings.Join(acted(last), " "); got != tc.want {
				t.Errorf("removed %q, want %q", got, tc.want)
			}
		})
	}
}

// TestSameTextCountsAsASlowOneDoes compares with counting in every span, one after the other.
func TestSameTextCountsAsASlowOneDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		what := rapid.SampledFrom([]string{"times", "groups", "members"}).Draw(rt, "what")
		limit := rapid.IntRange(2, 4).Draw(rt, "limit")
		r := load(t, fmt.Sprintf("{version: 1, rules: [{id: r, on: message, mode: enforce, when: {same_text: {%s: %d, within: 10s, per: everywhere, min_letters: 0}}, then: [alert: {}]}]}", what, limit))
		m := newMemory()
		var before []*chat.Event
		for i := range rapid.IntRange(1, 12).Draw(rt, "events") {
			e := sent(t, fmt.Sprintf("g%d/u%d %ds: %s", rapid.IntRange(1, 3).Draw(rt, "group"), rapid.IntRange(1, 3).Draw(rt, "member"),
				rapid.IntRange(0, 25).Draw(rt, "at"), rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "text")), i)
			before = append(before, e)
			want := slowly(before, e, what) >= limit
			if got := len(m.judge(r, e).Matches) > 0; got != want {
				rt.Fatalf("event %d: matches %t, want %t", i, got, want)
			}
		}
	})
}

func slowly(all []*chat.Event, e *chat.Event, what string) int {
	best := 0
	for end := e.At; end.Sub(e.At) < 10*time.Second; end = end.Add(time.Second) {
		seen := map[string]bool{}
		for _, o := range all {
			if o.Text == e.Text && !o.At.After(end) && end.Sub(o.At) < 10*time.Second {
				seen[map[string]string{"times": string(o.ID), "groups": string(o.Group.ID), "members": string(o.Member)}[what]] = true
			}
		}
		best = max(best, len(seen))
	}
	return best
}

func TestADamagedTrailCountsNothing(t *testing.T) {
	r := one(t, "when: {same_text: {members: 2, within: 1m, similar: 80%}}")
	x := r.Examine(message(longAdvert))
	defer x.Release()
	look := x.Look()
	f := chat.Facts{Trails: make([][]chat.Entry, len(look.Windows))}
	for i, w := range look.Windows {
		for k, note := range []string{"", "x", "9:abc", "1:a1:b1:c1:d1:e", "1:a1:b1:c1:d1:e3:xyz0:", w.Note[:len(w.Note)-5]} {
			f.Trails[i] = append(f.Trails[i], chat.Entry{At: testNow, Event: fmt.Sprint(k), Note: note})
		}
	}
	x.Learn(f)
	if d := x.Judge(); len(d.Matches) > 0 {
		t.Errorf("matches %+v", d.Matches)
	}
}
