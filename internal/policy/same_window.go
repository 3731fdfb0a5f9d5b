package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// sameScratch is what comparing one text takes.
type sameScratch struct {
	text     []byte
	letters  int // letters and digits in text, of any script: one Han letter is one
	shingles match.Shingles
	bands    []uint64
}

// read takes what is compared of a folded text.
func (s *sameScratch) read(text []byte) {
	s.text, s.letters = s.text[:0], 0
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(text[i:])
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			s.letters++
			s.text = append(s.text, text[i:i+n]...)
		case unicode.IsMark(r) && !unicode.Is(unicode.Inherited, r): // a vowel; accents can be put on anything
			s.text = append(s.text, text[i:i+n]...)
		}
		i += n
	}
	if s.letters > 0 {
		return
	}
	s.text = s.text[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if !unicode.IsSpace(r) {
			s.text = append(s.text, text[i:i+n]...)
		}
		i += n
	}
}

func (c *sameText) windows(x *Exam, r *rule, dst []chat.Window) []chat.Window {
	if x.e.Text == "" {
		return dst
	}
	s := c.scratch.Get().(*sameScratch)
	defer c.scratch.Put(s)
	s.read(x.text(c.view).Bytes())
	switch {
	case len(s.text) == 0 || s.letters < c.letters:
		return dst
	case c.similar < 100 && s.letters >= minShingled:
		return c.bands(x, r, s, dst)
	}
	w, ok := c.window(x.e, chat.Digest(string(s.text)))
	if !ok {
		return dst
	}
	if c.what != "times" {
		w.Note = c.mark(x.e, false).note()
	}
	if len(w.Note) > chat.MaxNote {
		return dst
	}
	dst = append(dst, w)
	if r.trail {
		w.ID, w.Note, w.Limit = w.ID+whoTrail+r.digest, c.mark(x.e, true).note(), 4*c.limit
		if len(w.Note) <= chat.MaxNote {
			dst = append(dst, w)
		}
	}
	return dst
}

// bands adds one trail for each band of a text's shingles. Its notes differ more than those of the
// same text, so that more of them are kept.
func (c *sameText) bands(x *Exam, r *rule, s *sameScratch, dst []chat.Window) []chat.Window {
	s.shingles.Read(s.text[:min(len(s.text), maxSimilarText)])
	sketch := s.shingles.Sketch()
	counted, whole := c.mark(x.e, false), c.mark(x.e, true)
	counted.sketch, whole.sketch = string(sketch[:]), string(sketch[:])
	if len(whole.note()) > chat.MaxNote {
		return dst
	}
	s.bands = s.shingles.Bands(s.bands[:0], match.BandsFor(float64(c.similar)/100))
	dst = c.trails(x.e, s.bands, c.id+":band", counted.note(), 2*c.limit, dst)
	if r.trail { // apart, since these notes differ for each event, so that one member could crowd out the others
		dst = c.trails(x.e, s.bands, c.id+whoTrail+r.digest, whole.note(), 8*c.limit, dst)
	}
	return dst
}

// whoTrail marks the trails that say who else is in a window.
const whoTrail = ":who:"

// trails adds one trail for each band.
func (c *sameText) trails(e *chat.Event, bands []uint64, id, note string, limit int, dst []chat.Window) []chat.Window {
	for i, band := range bands {
		w, ok := c.window(e, strconv.Itoa(i), strconv.FormatUint(band, 16))
		if !ok {
			return dst
		}
		w.ID, w.Note, w.Limit = id, note, limit
		dst = append(dst, w)
	}
	return dst
}

func (c *sameText) reached(x *Exam, a answers) tally {
	var counted, who []mark
	if own, _ := readMark(a.windows[0].Note); own.sketch != "" {
		n := slices.IndexFunc(a.windows, func(w chat.Window) bool { return strings.Contains(w.ID, whoTrail) })
		if n < 0 {
			n = len(a.windows)
		}
		unlike := func(m mark) bool { return !own.like(&m, c.similar) }
		counted, who = slices.DeleteFunc(readTrails(a.trails[:n]), unlike), slices.DeleteFunc(readTrails(a.trails[n:]), unlike)
	} else {
		counted, who = readTrails(a.trails[:1]), readTrails(a.trails[1:])
	}
	bare := a.windows[0].Note == "" // a count, perhaps with a trail beside it
	if bare {
		counted = who
	}
	n, full := c.most(x.e, counted)
	if bare {
		n = a.counts[0]
	}
	t := tally{n: n, hit: n >= c.limit}
	if t.hit {
		t.others = full.offenders(who)
	}
	return t
}
