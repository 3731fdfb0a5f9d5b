package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

func TestAge(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 59 * time.Second: "59s", time.Minute: "1m", 59*time.Minute + 59*time.Second: "59m", time.Hour: "1h",
		47 * time.Hour: "47h", 48 * time.Hour: "2d", 400 * 24 * time.Hour: "400d",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// What the list tells people to type must not mean more than what they look at.
func TestHeldListNamesWhatItShows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 20, 30, 0, 0, time.Local)
	letter := func(rule chat.RuleID, ago time.Duration, text string) desk.Letter {
		return desk.Letter{Code: "ZBRY62WF", Rule: rule, Group: fans, Member: "u_dan", Kind: chat.Remove, Why: "brake", Text: text, At: now.Add(-ago)}
	}
	links := letter("links", 5*time.Minute, "rule links is past its brake in this group: more than 20 within 5m0s")
	older, words := letter("links", 30*time.Minute, ""), letter("words", time.Minute, "everything is paused by the operator")
	for name, tt := range map[string]struct {
		cmd  selecting
		list desk.LettersList
		want []string
	}{
		"one rule": {selecting{}, desk.LettersList{Letters: []desk.Letter{links, older}}, []string{
			"  5m   links", "  30m  links", "remove  past its brake in this group: more than 20", "remove  brake\n",
			"bot held release --rule links\n", "bot held drop --rule links\n", "bot resume links (", `bot undo --rule links --since "2026-11-20 19:00" --preview`,
		}},
		"several rules":          {selecting{}, desk.LettersList{Letters: []desk.Letter{links, words}}, []string{"release --rule RULE\n", "bot resume RULE (", "everything is paused by the operator"}},
		"more than are shown":    {selecting{}, desk.LettersList{Letters: []desk.Letter{links}, More: true}, []string{"release --rule RULE\n", "There are more"}},
		"more of the rule named": {selecting{Rule: "links"}, desk.LettersList{Letters: []desk.Letter{links}, More: true}, []string{"release --rule links\n"}},
		"what is named":          {selecting{IDs: []string{"ZBRY62WF"}}, desk.LettersList{Letters: []desk.Letter{links}}, []string{"release ZBRY62WF\n", "drop ZBRY62WF\n"}},
		"a group and a member": {selecting{Group: "tencent:@TGS#1FANS", Member: "u_dan"}, desk.LettersList{Letters: []desk.Letter{links}}, []string{
			"release --rule links --group 'tencent:@TGS#1FANS' --member 'u_dan'\n",
		}},
	} {
		var out bytes.Buffer
		(&listLettersCmd{selecting: tt.cmd}).showHeld(&counter{process: process{stdout: &out}}, &tt.list, now)
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, out.String())
			}
		}
	}
}
