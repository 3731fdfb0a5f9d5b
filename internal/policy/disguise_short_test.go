package policy

import (
	"strings"
	"testing"
)

// The letters that a text repeats make no word longer than it is.
func TestShortWordsInAnotherAlphabet(t *testing.T) {
	for _, tc := range []struct{ word, text, found string }{
		{"мат", "Matt, MATT and mat", ""},
		{"бот", "boot", ""},
		{"рот", "pott", ""},
		{"кот", "koot", ""},
		{"kap", "каар", ""},
		{"секс", "ceeekc", "ceeekc"},
		{"мат", "маaт мммат", "маaт|мммат"},
	} {
		if got := strings.Join(foundIn(hunting(t, everything, "", tc.word), tc.text), "|"); got != tc.found {
			t.Errorf("%q in %q: found %q, want %q", tc.word, tc.text, got, tc.found)
		}
	}
}

func TestADigitOfAWordIsThatDigit(t *testing.T) {
	for _, tc := range []struct{ word, text, found string }{
		{"c4", "CA c4 Ｃ４ c٤ c44", "c4|Ｃ４|c٤"},
		{"mp3", "mpe MP3 mp€", "MP3"},
		{"4k", "ak 4K 44k @k", "4K"},
		{"1xbet", "lxbet ixbet 1x8et 1xbeeet", "1x8et|1xbeeet"},
		{"casino", "c4sino", "c4sino"},
	} {
		if got := strings.Join(foundIn(hunting(t, everything, "", tc.word), tc.text), "|"); got != tc.found {
			t.Errorf("%q in %q: found %q, want %q", tc.word, tc.text, got, tc.found)
		}
	}
}
