package match

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	ahocorasick "github.com/petar-dambovaliev/aho-corasick"
	"pgregory.net/rapid"
)

// naive finds all occurrences one word after the other.
func naive(words []string, text string) []Hit {
	var hits []Hit
	for i, w := range words {
		for at := 0; ; at++ {
			k := strings.Index(text[at:], w)
			if k < 0 {
				break
			}
			at += k
			hits = append(hits, Hit{int32(i), int32(at), int32(at + len(w))})
		}
	}
	return sorted(hits)
}

func sorted(hits []Hit) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Word, b.Word))
	})
	return hits
}

func distinct(words []string) []string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" || len(w) > MaxWord })
	slices.Sort(words)
	return slices.Compact(words)
}

type fataler interface{ Fatalf(string, ...any) }

// compare searches by windows and by rolling hashes, and wants what the naive search finds.
func compare(t fataler, words []string, text string) {
	words = distinct(words)
	m, err := NewWords(words)
	if err != nil {
		t.Fatalf("building: %v", err)
	}
	want := naive(words, text)
	if len(want) > MaxHits {
		return
	}
	if got := sorted(m.Append(nil, []byte(text))); !slices.Equal(got, want) {
		t.Fatalf("words %+q in %+q: found %v, want %v", words, text, got, want)
	}
	if got := sorted(m.byHash.append(m, nil, []byte(text))); !slices.Equal(got, want) {
		t.Fatalf("words %+q in %+q: rolling hashes found %v, want %v", words, text, got, want)
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct {
		name  string
		words []string
		text  string
	}{
		{"none in the list", nil, "anything"},
		{"empty text", []string{"a", "abc"}, ""},
		{"of all lengths", []string{"x", "yz", "abc", "abcd", "abcde", "abcdef", "abcdefghij"}, "x yz abc abcd abcde abcdef abcdefghij"},
		{"within one another", []string{"赌", "赌博", "博", "打击赌博"}, "打击赌博，赌博"},
		{"overlapping themselves", []string{"aa", "aaa", "aaaaaaa"}, "aaaaaaaaaaaa"},
		{"at the very end", []string{"tail", "il", "longtail"}, "a longtail"},
		{"as long as the text", []string{"exactly"}, "exactly"},
		{"longer than the text", []string{"much longer than"}, "much"},
		{"with zero bytes", []string{"a\x00\x00", "\x00", "abc\x00\x00\x00"}, "a\x00\x00abc\x00\x00\x00"},
	} {
		t.Run(tc.name, func(t *testing.T) { compare(t, tc.words, tc.text) })
	}
}

func TestWordsRefusesWhatItCannotFind(t *testing.T) {
	for _, words := range [][]string{{""}, {strings.Repeat("x", MaxWord+1)}, {"a", "a"}} {
		if _, err := NewWords(words); err == nil {
			t.Errorf("%d words with %q were taken", len(words), words[0][:min(4, len(words[0]))])
		}
	}
}

func TestWordsAgreeWithNaiveSearch(t *testing.T) {
	word := rapid.OneOf(rapid.StringMatching(`[ab]{1,9}`), rapid.StringMatching(`[赌博казино]{1,5}`), rapid.StringN(1, 12, 40))
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 0, 40).Draw(t, "words")
		parts := rapid.SliceOfN(word, 0, 20).Draw(t, "text")
		if len(words) > 0 {
			parts = append(parts, rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "planted")...)
		}
		compare(t, words, strings.Join(parts, ""))
	})
}

func TestWordsAgreeWithAhoCorasick(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := distinct(makeWords(r, 3000))
	builder := ahocorasick.NewAhoCorasickBuilder(ahocorasick.Opts{MatchKind: ahocorasick.StandardMatch, DFA: true})
	ac := builder.Build(words)
	m, err := NewWords(words)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for range 300 {
		text := makeMessage(r, 60)
		for range 3 {
			text += words[r.IntN(len(words))] + " "
		}
		var want []Hit
		iter := ac.IterOverlapping(text)
		for k := iter.Next(); k != nil; k = iter.Next() {
			want = append(want, Hit{int32(k.Pattern()), int32(k.Start()), int32(k.End())})
		}
		found += len(want)
		if got := sorted(m.Append(nil, []byte(text))); !slices.Equal(got, sorted(want)) {
			t.Fatalf("%q: found %v, want %v", text, got, want)
		}
	}
	if found < 900 {
		t.Fatalf("only %d words were found: the test compares nothing", found)
	}
}

func TestHostileTextFallsBackAndStaysCorrect(t *testing.T) {
	words := []string{"needle", "aaaaaaa needle"}
	for i := range 200 { // all begin with the byte that the text is made of
		words = append(words, "a"+string([]byte{byte('b' + i)}))
	}
	m, err := NewWords(words)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 6000) + " needle" + strings.Repeat("a", 600) + "bc"
	s := search{m: m, text: []byte(text), budget: 64 + 2*len(text)}
	if s.run() {
		t.Fatal("the text did not use up the budget: the fallback is not tested")
	}
	if got := sorted(m.Append(nil, []byte(text))); !slices.Equal(got, naive(words, text)) {
		t.Fatalf("found %v, want %v", got, naive(words, text))
	}
}

func TestHitsAreBounded(t *testing.T) {
	m, err := NewWords([]string{"a", "aa", "aaa", "aaaa"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Append(nil, bytes.Repeat([]byte("a"), MaxHits))); n != MaxHits {
		t.Fatalf("found %d, want %d", n, MaxHits)
	}
	before := []Hit{{9, 9, 9}}
	if got := m.Append(before, []byte("a")); len(got) != 2 || got[0] != before[0] {
		t.Fatalf("what was in the slice did not stay: %v", got)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("casino\n赌博\na\nab\naaaaaa", "a 赌博 casino abaaaaaaaa")
	f.Add("\x00\n\x00\x00\x00", "\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, words, text string) {
		list := strings.Split(words, "\n")
		if len(list) > 200 || len(text) > 4096 {
			return
		}
		compare(t, list, text)
	})
}

func BenchmarkWords(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		r := rand.New(rand.NewPCG(3, 4))
		m, err := NewWords(distinct(makeWords(r, n)))
		if err != nil {
			b.Fatal(err)
		}
		texts := make([][]byte, 4096)
		for i := range texts {
			texts[i] = []byte(makeMessage(r, 80))
		}
		b.Run(fmt.Sprintf("words=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var hits []Hit
			for i := 0; b.Loop(); i++ {
				hits = m.Append(hits[:0], texts[i%len(texts)])
			}
		})
	}
	b.Run("worst", func(b *testing.B) {
		var words []string
		for i := range 256 {
			words = append(words, strings.Repeat("a", i%200+1)+string(rune('b'+i%20)))
		}
		m, err := NewWords(distinct(words))
		if err != nil {
			b.Fatal(err)
		}
		text := bytes.Repeat([]byte("a"), 12<<10)
		for b.Loop() {
			m.Append(nil, text)
		}
	})
}

// makeWords makes up words of several scripts.
func makeWords(r *rand.Rand, n int) []string {
	words := make([]string, n)
	for i := range words {
		switch r.IntN(3) {
		case 0:
			words[i] = syllables(r, 2) + " " + syllables(r, 3)
		case 1:
			words[i] = syllables(r, 3) + ".com"
		default:
			words[i] = han(r, 3+r.IntN(3))
		}
	}
	return words
}

func makeMessage(r *rand.Rand, bytes int) string {
	var b strings.Builder
	for b.Len() < bytes {
		b.WriteString(syllables(r, 1+r.IntN(3)))
		b.WriteByte(' ')
	}
	return b.String()
}

func syllables(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
		b.WriteByte("aeiou"[r.IntN(5)])
		if r.IntN(3) == 0 {
			b.WriteByte("nrst"[r.IntN(4)])
		}
	}
	return b.String()
}

func han(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteRune(0x4E00 + rune(r.IntN(3000)))
	}
	return b.String()
}
