package match

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// advert makes up an advert of the words that adverts are made of, with a price and a link.
func advert(r *rand.Rand) []string {
	words := strings.Fields("cheap coins buy now best price today fast delivery trusted seller join our channel double your " +
		"money guaranteed profit daily signals free trial contact me for crypto investment returns every week account")
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = words[:14+r.IntN(8)]
	return append(words, fmt.Sprint(100+r.IntN(900)), "https://"+syllables(r, 3)+".example/"+syllables(r, 2))
}

// variant changes an advert as spammers do.
func variant(r *rand.Rand, words []string) []string {
	out := append([]string(nil), words...)
	for range 1 + r.IntN(3) {
		switch i := r.IntN(len(out)); r.IntN(5) {
		case 0:
			out[i] = syllables(r, 1+r.IntN(3))
		case 1:
			out[len(out)-2] = fmt.Sprint(100 + r.IntN(900))
		case 2:
			out[len(out)-1] = "https://" + syllables(r, 3) + ".example/" + syllables(r, 2)
		case 3:
			out[i] += " 🔥🚀"
		default:
			j := r.IntN(len(out))
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// found tells whether two texts share a band and are similar enough, say their sketches.
func found(a, b string, similarity float64) bool {
	x, y := bandsOf(a, BandsFor(similarity)), bandsOf(b, BandsFor(similarity))
	for i := range x {
		if x[i] == y[i] {
			p, q := sketchOf(a), sketchOf(b)
			return Similarity(&p, &q) >= similarity
		}
	}
	return false
}

func TestVariantsOfAnAdvertAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	const similarity = 0.85
	var all, hits [3]int // clearly alike, just alike, clearly not alike
	for range 6000 {
		words := advert(r)
		a, b := letters(strings.Join(words, " ")), letters(strings.Join(variant(r, words), " "))
		kind := 0
		switch d := dice(a, b); {
		case d < similarity-0.05:
			kind = 2
		case d < similarity:
			continue
		case d < similarity+0.05:
			kind = 1
		}
		all[kind]++
		if found(a, b, similarity) {
			hits[kind]++
		}
	}
	share := func(k int) float64 { return float64(hits[k]) / float64(all[k]) }
	t.Logf("at 0.90 and over: %.4f of %d, at 0.85 to 0.90: %.3f of %d, under 0.80: %.4f of %d", share(0), all[0], share(1), all[1], share(2), all[2])
	if all[0] < 500 || all[1] < 500 || all[2] < 300 {
		t.Fatalf("the variants are of %v kinds: the test compares nothing", all)
	}
	if share(0) < 0.99 || share(1) < 0.75 || share(2) > 0.03 {
		t.Errorf("found %.4f of those clearly alike, %.3f of those just alike, %.4f of the others", share(0), share(1), share(2))
	}
}

func TestOneWordOfTenKeepsAbout85Percent(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	sum := 0.0
	const pairs = 2000
	for range pairs {
		words := advert(r)[:10]
		other := append([]string(nil), words...)
		other[r.IntN(10)] = syllables(r, 2)
		sum += dice(strings.Join(words, ""), strings.Join(other, ""))
	}
	if mean := sum / pairs; mean < 0.83 || mean > 0.89 {
		t.Errorf("on average %.3f", mean)
	}
}

func TestOrdinaryTextsAreNotAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, make := range []func() string{
		func() string { return letters(makeMessage(r, 80)) },
		func() string { return han(r, 25) },
		func() string { return letters(strings.Join(advert(r), " ")) }, // the same words in another order, some of them
	} {
		for range 3000 {
			a, b := make(), make()
			if x, y := sketchOf(a), sketchOf(b); Similarity(&x, &y) >= 0.7 || found(a, b, 0.7) {
				t.Errorf("%q is taken for %q: %.2f, in truth %.2f", a, b, Similarity(&x, &y), dice(a, b))
			}
		}
	}
}

// Sketches and bands are compared with those that another version stored.
func TestSketchesNeverChange(t *testing.T) {
	sk := sketchOf("cheapcoinsherejoinnow加微信领红包")
	if got := fmt.Sprintf("%x", sk[:32]); got != "00000000007b00000000005100000000000000600000bd000000005a00000000" {
		t.Errorf("sketch %s", got)
	}
	if got := fmt.Sprintf("%x", bandsOf("cheapcoinsherejoinnow加微信领红包", 3)); got != "[513cc61713bedefc 5150e390d2256790 e5af2349ed3fd7ec]" {
		t.Errorf("bands %s", got)
	}
}

func TestBandsFor(t *testing.T) {
	for similarity, want := range map[float64]int{0.7: 16, 0.75: 12, 0.8: 10, 0.85: 7, 0.9: 5, 0.95: 4, 1: 1, 0.3: 16} {
		if n := BandsFor(similarity); n != want {
			t.Errorf("%v takes %d bands, want %d", similarity, n, want)
		}
	}
}

func TestSketchesAllocateNothing(t *testing.T) {
	var s Shingles
	var bands []uint64
	text := []byte(strings.Repeat("some text that is long enough ", 20))
	var sk Sketch
	if n := testing.AllocsPerRun(100, func() {
		s.Read(text)
		sk, bands = s.Sketch(), s.Bands(bands[:0], 16)
	}); n != 0 || Similarity(&sk, &sk) != 1 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSketch(f *testing.F) {
	f.Add("cheap coins here", "cheap coins there")
	f.Add("", "ab")
	f.Add("\xff\xff\xff\xff", "赌博赌博")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 1<<14 {
			return
		}
		x, y := sketchOf(a), sketchOf(b)
		s := Similarity(&x, &y)
		if s < 0 || s > 1 || s != Similarity(&y, &x) {
			t.Fatalf("%q and %q are similar by %v", a, b, s)
		}
		if x == y && x != (Sketch{}) && s != 1 {
			t.Fatalf("%q and %q have one sketch and are similar by %v", a, b, s)
		}
		if n := len(bandsOf(a, 16)); n != 0 && n != 16 || (n == 0) != (x == (Sketch{})) {
			t.Fatalf("%q has %d bands", a, n)
		}
	})
}

func BenchmarkSketch(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := make([][]byte, 1024)
	for i := range texts {
		texts[i] = []byte(letters(makeMessage(r, 80)))
	}
	var s Shingles
	var bands []uint64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Read(texts[i%len(texts)])
		s.Sketch()
		bands = s.Bands(bands[:0], 7)
	}
}
