package fold

import "bytes"

// Runs tells whether the original may have white space that is more than one space, or another one: a
// tab, a line's end, a no-break space. If not, the option Blanks changes nothing.
func (t *Text) Runs() bool { return t.white || bytes.Contains(t.buf, []byte("  ")) }

// blanks folds the text rune by rune, with one space for each run of white space.
func (t *Text) blanks() {
	s, o := t.src, t.opts
	for i := 0; i < len(s); {
		c := s[i]
		if c > ' ' && c < 0x7F {
			if o&Case != 0 && c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			t.copied(i, 1)
			t.buf = append(t.buf, c)
			i++
			continue
		}
		if n := len(t.buf); n > 0 && t.buf[n-1] == ' ' {
			if g := read(s, i, o); g.kind == Space {
				i += g.size
				continue
			}
		}
		i += t.rune(i, o)
	}
}
