// Command gen writes the folding table of package fold from golang.org/x/text, the Unicode tables of
// the standard library and Unicode's table of confusables. Run it by go generate in the folder above.
package main

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// blockSize is how many runes share one block of the two-level table. Blocks of 128 runes give few
// enough blocks to number them by a byte.
const blockSize = 128

// entry is what one rune becomes; an empty text leaves it alone.
type entry struct {
	width string // its canonical width
	fold  string // its case folding
	look  string // what it looks like
	both  string // what it looks like, with its case folded
	flags uint8  // as package fold has them
}

const (
	invisibleFlag = 1 << iota
	looseFlag
	gapFlag
	composingFlag
	accentedFlag
)

func main() {
	log.SetFlags(0)
	out, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("tables.go", out, 0o600); err != nil {
		log.Fatal(err)
	}
}

// generate makes the entries of all runes, and writes them as a two-level table.
func generate() ([]byte, error) {
	l, err := newLooks()
	if err != nil {
		return nil, err
	}
	all := make([]entry, unicode.MaxRune+1)
	number := map[entry]int{}
	for r := range all {
		all[r] = l.entry(rune(r))
		number[all[r]] = 0
	}
	t := table{entries: order(number)}
	for i, e := range t.entries {
		number[e] = i
	}
	for r, e := range all {
		t.add(r, number[e])
	}
	if len(t.blocks) > 256 {
		return nil, fmt.Errorf("%d blocks do not fit into a byte", len(t.blocks))
	}
	return t.write()
}

// order sorts the entries by what it takes to be changed: those that only spacing drops, those that
// only lookalikes change, and the others.
func order(set map[entry]int) []entry {
	var entries []entry
	for e := range set {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if n := a.class() - b.class(); n != 0 {
			return n
		}
		return strings.Compare(fmt.Sprintf("%q", a), fmt.Sprintf("%q", b))
	})
	return entries
}

// class tells which options change a rune: 0 none, 1 only spacing, 2 also lookalikes, 3 the default
// ones.
func (e entry) class() int {
	switch {
	case e.width != "" || e.fold != "" || e.flags&invisibleFlag != 0:
		return 3
	case e.look != "" || e.both != "" || e.flags&^gapFlag != 0:
		return 2
	case e.flags != 0:
		return 1
	}
	return 0
}

var folder = cases.Fold()

// entry works out what one rune becomes.
func (l looks) entry(r rune) entry {
	if !utf8.ValidRune(r) {
		return entry{}
	}
	var e entry
	if invisible(r) {
		e.flags |= invisibleFlag
	}
	if loose(r) {
		e.flags |= looseFlag
	}
	if gap(r) && !loose(r) {
		e.flags |= gapFlag
	}
	if composing(r) {
		e.flags |= composingFlag
	}
	if d := norm.NFD.String(string(r)); withoutMarks(d) != d && d != string(r) && !kept[r] {
		e.flags |= accentedFlag
	}
	if w := width.LookupRune(r).Folded(); w != 0 && w != r {
		e.width = string(w)
	}
	e.fold = foldOf(r)
	e.look = l.of(string(r))
	e.both = l.of(fold(l.of(fold(l.of(string(r))))))
	if e.look == string(r) {
		e.look = ""
	}
	if e.both == string(r) {
		e.both = ""
	}
	return e
}

// of replaces each rune by what it looks like, until nothing changes any more.
func (l looks) of(s string) string {
	for range 4 {
		var b strings.Builder
		for _, r := range s {
			if to, ok := l[r]; ok {
				b.WriteString(to)
			} else if !loose(r) || len(s) == utf8.RuneLen(r) {
				b.WriteRune(r)
			}
		}
		if b.String() == s {
			break
		}
		s = b.String()
	}
	return s
}

func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		if f := foldOf(r); f != "" {
			b.WriteString(f)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldOf returns the case folding of a rune that has another one. golang.org/x/text would swap some
// Cherokee letters with a larger one; the smaller one of the two stays then.
func foldOf(r rune) string {
	f := folder.String(string(r))
	if f == string(r) || folder.String(f) == string(r) && string(r) < f {
		return ""
	}
	return f
}

// invisible tells whether a reader sees nothing of the rune, not even a space: controls, format
// characters, variation selectors, fillers. The format characters that are drawn around the
// digits after them (Prepended_Concatenation_Mark) are seen.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.White_Space, r), unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return true
	}
	return false
}
