package main

import (
	"slices"
	"strings"
	"testing"
)

func sampleTable() *table {
	t := &table{head: []string{"CODE", "WHO", "WHY"}}
	t.add("7F3K9QXM", "赌博广告机器人一二三四五六七八九十", "a rather long sentence about what happened to the member")
	t.add("7F3K9QX0", "bob\x1b[31m\nx\u202egnp", "")
	return t
}

func TestTablesFit(t *testing.T) {
	for _, width := range []int{0, 60, 40} {
		var b strings.Builder
		sampleTable().print(&b, width)
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != 3 || strings.ContainsAny(b.String(), "\x1b\u202e") {
			t.Errorf("width %d:\n%s", width, b.String())
		}
		if width > 0 && slices.ContainsFunc(lines, func(l string) bool { return cells(l) > width }) {
			t.Errorf("wider than %d:\n%s", width, b.String())
		}
		if !strings.Contains(b.String(), "7F3K9QXM") || width == 0 && strings.Contains(b.String(), "…") {
			t.Errorf("cut without need:\n%s", b.String())
		}
		at := strings.Index(lines[0], "WHY")
		before, _, _ := strings.Cut(lines[1], "a ra")
		if cells(before) != at {
			t.Errorf("width %d: the columns do not stand below each other:\n%s", width, b.String())
		}
	}
}

func TestTablesTurnWhereColumnsWouldSayNothing(t *testing.T) {
	var b strings.Builder
	sampleTable().print(&b, 20)
	want := `CODE  7F3K9QXM
WHO   赌博广告机器…
WHY   a rather long…

CODE  7F3K9QX0
WHO   bob\u001b[31m…
WHY
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTextsAreCutBetweenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"short":                         "short",
		"just8col":                      "just8col",
		"nine cols":                     "nine co…",
		"一二三四":                          "一二三四",
		"一二三四五":                         "一二三…",
		"e\u0301e\u0301e\u0301 accents": "e\u0301e\u0301e\u0301 acc…",
		"👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦": "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦…",
	} {
		if got := fit(text, 8); got != want || cells(got) > 8 {
			t.Errorf("%q is cut to %q", text, got)
		}
	}
}

// What people type from a table is whole at every width, and so are times.
func TestWhatIsTypedIsNeverCut(t *testing.T) {
	whole := []string{"XE1K8FFZ", "2026-11-20 20:00:00", "a-rule-with-a-rather-long-name", "tencent:@TGS#1FANS_OF_TEA", "15550100002"}
	for width := 1; width <= 140; width++ {
		tab := &table{head: []string{"CODE", "TIME (UTC)", "RULE", "GROUP", "MEMBER", "OUTCOME"}}
		tab.add(append(slices.Clone(whole), strings.Repeat("remove done ", 5))...)
		var b strings.Builder
		tab.print(&b, width)
		for _, text := range whole {
			if !strings.Contains(b.String(), text) {
				t.Fatalf("width %d: %s is cut:\n%s", width, text, b.String())
			}
		}
	}
}
