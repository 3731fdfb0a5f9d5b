package groupguard_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	anchored = regexp.MustCompile(`\]\(([^)#:\s]*)#([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	linked   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// slug is what GitHub makes of a heading for links.
func slug(title string) string {
	title = linked.ReplaceAllString(title, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// Links into a page lead to a heading that is there.
func TestAnchorsLeadSomewhere(t *testing.T) {
	found := 0
	for _, page := range everyPage(t) {
		for _, m := range anchored.FindAllStringSubmatch(read(t, page), -1) {
			target := page
			if m[1] != "" {
				target = path.Join(path.Dir(page), m[1])
			}
			if !strings.HasSuffix(target, ".md") {
				continue
			}
			found++
			there := false
			for _, h := range heading.FindAllStringSubmatch(read(t, target), -1) {
				there = there || slug(h[1]) == m[2]
			}
			if !there {
				t.Errorf("%s: %s has no heading #%s", page, target, m[2])
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d links to headings", found)
	}
}
