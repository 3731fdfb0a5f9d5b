package policy

import "unicode"

const (
	zeroWidthJoiner = '\u200D'
	emojiStyle      = '\uFE0F'
	keycap          = '\u20E3'
)

// emojiCount is where a count of emoji is in a text.
type emojiCount struct {
	n      int
	joined bool // a joiner binds what follows to the emoji before
	half   bool // the rune before is the first half of a flag
	open   bool // the rune before is an emoji, to which more may belong
	maybe  bool // the rune before is drawn as text unless the style is asked for
}

// emojis counts the emoji of a text: each with what is joined to it, a skin tone, a keycap or the two
// halves of a flag is one. Symbols that are drawn as text unless a style is asked for, such as ☎ and
// ©, count when it is.
func emojis(s string) int {
	var c emojiCount
	for _, r := range s {
		c.add(r)
	}
	return c.n
}

// add takes the next rune.
func (c *emojiCount) add(r rune) {
	was := *c
	c.half, c.maybe = false, false
	switch {
	case r == emojiStyle && was.maybe, r == keycap:
		c.count()
	case r == zeroWidthJoiner:
		c.joined = was.open
	case r >= 0x1F1E6 && r <= 0x1F1FF:
		if c.half = !was.half; c.half {
			c.count()
		}
	case r == emojiStyle, r >= 0x1F3FB && r <= 0x1F3FF && was.open, unicode.Is(unicode.Cf, r): // the style, a skin tone, a flag's tags
	case emoji(r):
		c.count()
	default:
		c.maybe = styled(r)
		c.open = c.open && c.joined && c.maybe // such as the ♂ of a runner
		c.joined = c.open
	}
}

// count counts an emoji, unless it is joined to the one before.
func (c *emojiCount) count() {
	if !c.joined {
		c.n++
	}
	c.joined, c.open = false, true
}

// emoji tells whether a rune is drawn as an emoji by itself (Unicode 15, Emoji_Presentation; the
// blocks of pictographs are taken whole).
func emoji(r rune) bool {
	switch {
	case r < 0x231A:
		return false
	case r >= 0x1F300:
		return r <= 0x1F64F || r >= 0x1F680 && r <= 0x1F6FF || r >= 0x1F7E0 && r <= 0x1F7F0 || r >= 0x1F90C && r <= 0x1FAFF
	case r >= 0x1F000:
		return r == 0x1F004 || r == 0x1F0CF || r == 0x1F18E || r >= 0x1F191 && r <= 0x1F19A || r >= 0x1F201 && r <= 0x1F265
	case r > 0x2B55:
		return false
	}
	for _, p := range [...][2]rune{
		{0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0}, {0x23F3, 0x23F3}, {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2648, 0x2653},
		{0x267F, 0x267F}, {0x2693, 0x2693}, {0x26A1, 0x26A1}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5}, {0x26CE, 0x26CE},
		{0x26D4, 0x26D4}, {0x26EA, 0x26EA}, {0x26F2, 0x26F3}, {0x26F5, 0x26F5}, {0x26FA, 0x26FA}, {0x26FD, 0x26FD}, {0x2705, 0x2705},
		{0x270A, 0x270B}, {0x2728, 0x2728}, {0x274C, 0x274C}, {0x274E, 0x274E}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797},
		{0x27B0, 0x27B0}, {0x27BF, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55},
	} {
		if r >= p[0] && r <= p[1] {
			return true
		}
	}
	return false
}

// styled tells whether a rune becomes an emoji when the style is asked for: some symbol, as a digit
// needs a keycap as well.
func styled(r rune) bool {
	return r >= 0xA9 && !emoji(r) && unicode.In(r, unicode.So, unicode.Sm, unicode.Po, unicode.Ll)
}
