package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// sent makes a message of "group/member at: text", where at is a length of time after the first.
func sent(t testing.TB, line string, number int) *chat.Event {
	t.Helper()
	head, text, _ := strings.Cut(line, ": ")
	place, at, _ := strings.Cut(head, " ")
	group, member, _ := strings.Cut(place, "/")
	after, err := time.ParseDuration(at)
	if err != nil {
		t.Fatal(err)
	}
	e := message(text)
	e.Group.ID, e.Member, e.ID, e.At = chat.GroupID(group), chat.MemberID(member), chat.EventID(strconv.Itoa(number)), testNow.Add(after)
	if strings.HasPrefix(group, "wa") {
		e.Provider, e.Account, e.GroupType = chat.CAMS, "cust", chat.WhatsApp
	}
	return e
}

// hits judges messages one after the other, and returns the numbers of those that match.
func hits(t testing.TB, r *Rules, lines ...string) string {
	t.Helper()
	m, got := newMemory(), []string{}
	for i, line := range lines {
		if d := m.judge(r, sent(t, line, i)); len(d.Matches) > 0 {
			got = append(got, strconv.Itoa(i))
		}
	}
	return strings.Join(got, " ")
}

const longAdvert = "Cheap coins here, join our channel for daily signals and double your money with trusted seller number 4711"

func TestSameText(t *testing.T) {
	for _, tc := range []struct {
		name, keys string
		lines      []string
		want       string
	}{
		{"what lies between resets nothing", "times: 3, within: 10m",
			[]string{"g/u 0s: buy coins", "g/u 1m: ok", "g/u 2m: buy coins", "g/u 3m: ok", "g/u 4m: buy coins", "g/u 5m: other"}, "4"},
		{"each later one acts too", "times: 2, within: 10m", []string{"g/u 0s: x", "g/u 1m: x", "g/u 2m: x"}, "1 2"},
		{"ten minutes are ten minutes", "times: 3, within: 10m", []string{"g/u 0s: x", "g/u 5m: x", "g/u 9m59s: x"}, "2"},
		{"ten minutes are no more", "times: 3, within: 10m", []string{"g/u 0s: x", "g/u 5m: x", "g/u 10m: x"}, ""},
		{"letters and digits count, nothing else", "times: 5, within: 10m",
			[]string{"g/u 0s: Buy coins 24/7", "g/u 1s: BUY  COINS!!! 247", "g/u 2s: b.u.y🔥coins🚀 24 7", "g/u 3s: ｂｕｙ coins 24\u200b7", "g/u 4s: buy cоin\u0301s 24/7"}, "4"},
		{"other letters are another text", "times: 2, within: 10m", []string{"g/u 0s: buy coins", "g/u 1s: buy coin", "g/u 2s: 赌博", "g/u 3s: 赌"}, ""},
		{"vowel signs are letters", "times: 2, within: 10m", []string{"g/u 0s: กา", "g/u 1s: กี"}, ""},
		{"emoji alone", "times: 2, within: 10m", []string{"g/u 0s: 🔥 🔥", "g/u 1s: 🔥🚀", "g/u 2s: 🔥🔥"}, "2"},
		{"no text has no place", "times: 2, within: 10m", []string{"g/u 0s: ", "g/u 1s: ", "g/u 2s:   ", "g/u 3s:   "}, ""},
		{"times is for each member in each group", "times: 2, within: 10m", []string{"g/u 0s: x", "g/v 1s: x", "h/u 2s: x", "g/u 3s: x"}, "3"},
		{"min_letters", "times: 2, within: 10m, min_letters: 3", []string{"g/u 0s: ab!!", "g/u 1s: ab!!", "g/u 2s: 赌博站", "g/u 3s: 赌博站"}, "3"},
		{"a late one counts where it belongs", "times: 3, within: 1m", []string{"g/u 0s: x", "g/u 90s: x", "g/u 45s: x"}, ""},
		{"a late one fills the window", "times: 3, within: 1m", []string{"g/u 0s: x", "g/u 50s: x", "g/u 45s: x"}, "2"},
		{"members", "members: 3, within: 10m", []string{"g/u 0s: buy coins", "g/u 1s: buy coins", "g/v 2s: buy coins", "h/w 3s: buy coins", "g/w 4s: buy coins"}, "4"},
		{"greetings are the same anyway", "members: 2, within: 10m", []string{"g/u 0s: hello!", "g/v 1s: hello!"}, ""},
		{"members at ten minutes", "members: 3, within: 10m", []string{"g/u 0s: buy coins", "g/v 5m: buy coins", "g/w 10m: buy coins", "g/x 10m1s: buy coins"}, "3"},
		{"members, late", "members: 3, within: 1m", []string{"g/u 0s: buy coins", "g/v 70s: buy coins", "g/w 30s: buy coins", "g/x 31s: buy coins"}, "3"},
		{"groups", "groups: 3, within: 10m", []string{"g/u 0s: buy coins", "g/u 1s: buy coins", "h/u 2s: buy coins", "i/v 3s: buy coins", "i/u 4s: buy coins"}, "4"},
		{"groups of one account", "groups: 2, within: 10m, per: account", []string{"g/u 0s: buy coins", "wa/v 1s: buy coins", "h/w 2s: buy coins"}, "2"},
		{"groups everywhere", "groups: 3, within: 10m, per: everywhere", []string{"g/u 0s: buy coins", "wa/v 1s: buy coins", "h/w 2s: buy coins"}, "2"},
		{"members everywhere", "members: 3, within: 10m, per: everywhere", []string{"g/u 0s: buy coins", "wa/u 1s: buy coins", "h/u 2s: buy coins", "h/w 3s: buy coins"}, "3"},
		{"similar", "members: 3, within: 10m, similar: 85%",
			[]string{"g/u 0s: " + longAdvert, "g/v 1s: " + longAdvert + " 🔥", "g/w 2s: " + strings.Replace(longAdvert, "4711", "0815", 1), "g/x 3s: something quite different, which is as long as an advert but says nothing of the kind"}, "2"},
		{"similar, by times", "times: 3, within: 10m, similar: 85%",
			[]string{"g/u 0s: " + longAdvert + " a", "g/u 1s: " + longAdvert + " b", "g/v 2s: " + longAdvert + " b", "g/u 3s: " + longAdvert + " c"}, "3"},
		{"similar, of groups", "groups: 2, within: 10m, per: everywhere, similar: 85%", []string{"g/u 0s: " + longAdvert + " a", "g/v 1s: " + longAdvert + " b", "wa/v 2s: " + longAdvert + " c"}, "2"},
		{"short texts are never similar", "times: 2, within: 10m, similar: 70%", []string{"g/u 0s: coins here", "g/u 1s: coins heres", "g/u 2s: coins here!"}, "2"},
		{"one digit may be all that counts", "times: 2, within: 10m, similar: 100%", []string{"g/u 0s: " + longAdvert, "g/u 1s: " + longAdvert + "0"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := hits(t, one(t, "when: {same_text: {"+tc.keys+"}}"), tc.lines...); got != tc.want {
				t.Errorf("messages %q match, want %q", got, tc.want)
			}
		})
	}
}

func TestARepeatedEventIsNoSecondText(t *testing.T) {
	for _, keys := range []string{"times: 2, within: 1m", "times: 2, within: 1m, similar: 85%", "times: 2, within: 1m, per: everywhere"} {
		r, m := one(t, "when: {same_text: {"+keys+"}}"), newMemory()
		for range 3 {
			if d := m.judge(r, message(longAdvert)); len(d.Matches) > 0 {
				t.Errorf("%s: a repeated event matches", keys)
			}
		}
		if d := m.judge(r, sent(t, "@TGS#1/u1 1s: "+longAdvert, 7)); len(d.Matches) == 0 {
			t.Errorf("%s: another event does not match", keys)
		}
	}
}

func TestSameTextNarrowedByOtherConditions(t *testing.T) {
	r := one(t, "when: {link: {any: true}, same_text: {times: 2, within: 1m}}")
	if got := hits(t, r, "g/u 0s: no link", "g/u 1s: no link", "g/u 2s: at t.me/x", "g/u 3s: at t.me/x"); got != "3" {
		t.Errorf("messages %q match", got)
	}
}

func TestSameTextStoresAndShowsNoText(t *testing.T) {
	r := load(t, `{version: 1, rules: [
		{id: a, on: message, mode: enforce, when: {same_text: {times: 2, within: 1m}}, then: [remove: {who: burst}]},
		{id: b, on: message, mode: enforce, when: {same_text: {members: 2, within: 1m, per: everywhere, similar: 80%}}, then: [remove: {who: burst}]},
		{id: c, on: message, mode: enforce, when: {same_text: {groups: 2, within: 1m}}, then: [remove: {from: all_matching_groups}]}]}`)
	m := newMemory()
	m.judge(r, sent(t, "g/u 0s: "+longAdvert, 1))
	m.judge(r, sent(t, "g/u 1s: "+longAdvert, 2))
	d := m.judge(r, sent(t, "h/v 2s: "+longAdvert, 3))
	for id, all := range m.windows {
		for _, e := range all {
			if strings.Contains(strings.ToLower(id+e.note), "coins") || len(e.note) > chat.MaxNote {
				t.Errorf("window %q, note %q", id, e.note)
			}
		}
	}
	if len(m.windows) < 12 {
		t.Errorf("%d windows", len(m.windows))
	}
	shown, err := json.Marshal([]any{d.Matches, d.Case.Trace})
	if err != nil {
		t.Fatal(err)
	}
	if s := string(shown); strings.Contains(strings.ToLower(s), "coins") || !strings.Contains(s, `"same_text.members 2 of 2 within 1m"`) ||
		!strings.Contains(s, fmt.Sprintf("%q", "2 within 1m per everywhere, 80% similar")) {
		t.Errorf("shown %s", s)
	}
}
