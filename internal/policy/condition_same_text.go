package policy

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/fold"
	"go.yaml.in/yaml/v3"
)

// The bounds of same_text.
const (
	maxSame        = 100 // the threshold
	minSimilar     = 70  // per cent; below, ordinary texts on one subject become alike
	maxMinLetters  = 1000
	minSharedText  = 8        // min_letters of groups and members, where it is not given
	minShingled    = 12       // letters; of shorter texts a few changed ones are most of the shingles
	maxSimilarText = 32 << 10 // bytes of a text that are compared by shingles
)

// sameFold is what the texts are compared without.
const sameFold = fold.Default | fold.Lookalike

// sameText holds when a window holds the same text so many times, from so many members, or in so
// many groups. Compared are the letters and digits, folded, so that spaces, punctuation, emoji and
// capitals make no difference; a text of none of these is compared by what else it has.
//
// The same texts share a window, named by their digest. Similar ones share a trail, for one of
// several bands of their shingles (match.Shingles), which also finds some that are not similar: each
// event leaves a sketch on it, and those found are compared by their sketches. No text is stored.
type sameText struct {
	counting
	what    string // times, groups, members
	similar int    // per cent; 100: the same
	letters int    // texts with fewer are not compared
	view    int
	scratch sync.Pool // of *sameScratch
}

// sameKeys are the keys of same_text.
func (l *loader) sameKeys(c *sameText) []field {
	threshold := func(name, doc string) field {
		return field{name: name, is: numbers(2, maxSame), doc: doc, read: func(key, v *yaml.Node) {
			if c.what != "" {
				l.errorf(key, "make it two rules", "a same_text counts one thing, and this one counts %s already", c.what)
			}
			c.what, c.limit = name, l.integer(v, name, 2, maxSame)
		}}
	}
	return []field{
		threshold("times", "Holds from this many messages with the same text on."),
		threshold("groups", "Holds from this many groups with the same text on."),
		threshold("members", "Holds from this many members with the same text on."),
		{name: "within", need: true, is: durations(), doc: "The length of the window, such as 10m.", read: func(_, v *yaml.Node) {
			c.within, c.written = l.duration(v, "within"), v.Value
		}},
		{name: "per", is: some(word(perWords()...)), doc: "Whom it counts for: group and member for times, member for groups, group for members unless it is given.",
			read: func(_, v *yaml.Node) { c.per = l.readPer(v) }},
		{name: "similar", is: percents(), doc: "About this share of the text, in pieces of three letters, must be the same: 70% to 100%. " +
			"One word of ten changed leaves 85%. Texts of fewer than 12 letters must be the same as a whole.",
			read: func(_, v *yaml.Node) { c.similar = l.similar(v) }},
		{name: "min_letters", is: numbers(0, maxMinLetters), doc: "Texts with fewer letters and digits are not compared; a Han letter is one. " +
			"0 for times and 8 for groups and members, where greetings are the same anyway, unless it is given.",
			read: func(_, v *yaml.Node) { c.letters = l.integer(v, "min_letters", 0, maxMinLetters) }},
	}
}

func sameShape(l *loader) shape {
	return keyed(l.sameKeys(&sameText{})...).exactlyOne("times", "groups", "members")
}

func (l *loader) readSameText(n *yaml.Node) condition {
	c := &sameText{counting: counting{node: n, kind: chat.Message}, similar: 100, letters: -1}
	l.mapping(n, "same_text", l.sameKeys(c))
	switch {
	case n.Kind != yaml.MappingNode:
		return nil
	case c.what == "":
		l.errorf(n, "times, groups or members, with the threshold", "same_text says nothing of what it counts")
	}
	c.settle()
	for _, part := range c.per {
		switch {
		case part == "inviter":
			l.errorf(n, "", "only joins have an inviter")
		case part+"s" == c.what:
			l.errorf(n, "remove "+part+" from per", "this can never match: it counts %s for each %s on its own", c.what, part)
		}
	}
	c.view = l.view(sameFold)
	c.scratch.New = func() any { return &sameScratch{} }
	thing := []string{"same_text", c.what, strconv.Itoa(c.similar), c.within.String()}
	c.id = string(l.cur.rule.id) + ":" + chat.Digest(append(thing, c.per...)...)[:12]
	l.setCounter("same_text", c)
	return nil
}

// settle fills in what is not given.
func (c *sameText) settle() {
	if c.per == nil {
		c.per = map[string][]string{"groups": {"member"}, "members": {"group"}}[c.what]
	}
	if c.per == nil {
		c.per = []string{"group", "member"}
	}
	if c.letters < 0 {
		if c.letters = minSharedText; c.what == "times" {
			c.letters = 0
		}
	}
}

// similar reads the share of a text that must be the same.
func (l *loader) similar(n *yaml.Node) int {
	number, ok := strings.CutSuffix(n.Value, "%")
	v, err := strconv.Atoi(number)
	if n.Kind != yaml.ScalarNode || !ok || err != nil || strconv.Itoa(v) != number || v < minSimilar || v > 100 {
		l.errorf(n, "such as 85%", "similar must be %d%% to 100%%", minSimilar)
		return 100
	}
	return v
}

func (c *sameText) explain(t *tally) chat.Seen {
	want := fmt.Sprintf("%d within %s per %s", c.limit, c.written, strings.Join(c.per, ", "))
	if c.similar < 100 {
		want += fmt.Sprintf(", %d%% similar", c.similar)
	}
	s := chat.Seen{What: "same_text." + c.what, Want: want, Holds: maybe.String()}
	if t != nil {
		s.Value, s.Holds = fmt.Sprintf("%d of %d within %s", t.n, c.limit, c.written), truthOf(t.hit).String()
	}
	return s
}
