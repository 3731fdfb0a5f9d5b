package match

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// dice compares two texts exactly.
func dice(a, b string) float64 {
	x, y := pieces(a), pieces(b)
	both := 0
	for p := range x {
		if y[p] {
			both++
		}
	}
	if len(x)+len(y) == 0 {
		return 0
	}
	return 2 * float64(both) / float64(len(x)+len(y))
}

func pieces(s string) map[string]bool {
	set, runes := map[string]bool{}, []rune(s)
	for i := 0; i+3 <= len(runes); i++ {
		set[string(runes[i:i+3])] = true
	}
	return set
}

func sketchOf(text string) Sketch {
	var s Shingles
	s.Read([]byte(text))
	return s.Sketch()
}

func bandsOf(text string, n int) []uint64 {
	var s Shingles
	s.Read([]byte(text))
	return s.Bands(nil, n)
}

// letters keeps letters and digits, as texts are compared.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func TestSketchErrorIsAsDocumented(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{50, 100, 400} {
		var off []float64
		bias := 0.0
		for range 4000 {
			words := strings.Fields(makeMessage(r, size))
			other := slices.Clone(words)
			for range r.IntN(len(words)/2 + 1) {
				other[r.IntN(len(other))] = syllables(r, 1+r.IntN(3))
			}
			a, b := strings.Join(words, ""), strings.Join(other, "")
			x, y := sketchOf(a), sketchOf(b)
			e := Similarity(&x, &y) - dice(a, b)
			bias += e
			off = append(off, math.Abs(e))
		}
		slices.Sort(off)
		bias /= float64(len(off))
		t.Logf("%d letters: bias %.4f, median error %.3f, 99th percentile %.3f", size, bias, off[len(off)/2], off[len(off)*99/100])
		if math.Abs(bias) > 0.01 || off[len(off)/2] > 0.025 || off[len(off)*99/100] > 0.09 {
			t.Errorf("%d letters: bias %.4f, median error %.3f, 99th percentile %.3f", size, bias, off[len(off)/2], off[len(off)*99/100])
		}
	}
}
