package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// samplesPerWord is how often each word is disguised in each way.
const samplesPerWord = 40

// allSpam are the words of all scripts.
func allSpam(scripts []stock) []string {
	var words []string
	for i := range scripts {
		words = append(words, scripts[i].spam...)
	}
	return words
}

func TestRecallOfDisguisedWords(t *testing.T) {
	scripts := stocks(t)
	rules := hunting(t, everything, "", allSpam(scripts)...)
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-12s", "")
	for _, s := range scripts {
		fmt.Fprintf(&table, "%18s", s.name)
	}
	for _, c := range costumes() {
		fmt.Fprintf(&table, "\n%-12s", c.name)
		for i := range scripts {
			n, found, missed := unmask(rules, &scripts[i], c)
			if n == 0 {
				fmt.Fprintf(&table, "%18s", "-")
				continue
			}
			fmt.Fprintf(&table, "%9.2f %% %6d", 100*float64(found)/float64(n), n)
			report := t.Logf
			if found*100 < n*99 {
				report = t.Errorf
			}
			for _, text := range missed {
				report("%s, %s: not found in %+q", c.name, scripts[i].name, text)
			}
		}
	}
	t.Log(table.String())
}

// unmask counts how many disguised words are found within sentences, and returns some that are not.
func unmask(rules *Rules, s *stock, c costume) (n, found int, missed []string) {
	r := rand.New(rand.NewPCG(11, uint64(len(c.name)+100*len(s.name))))
	for _, word := range s.spam {
		for range samplesPerWord {
			disguised, ok := c.wear(r, s.name, word)
			if !ok {
				continue
			}
			n++
			text := carry(r, s, disguised)
			if foundIn(rules, text) != nil {
				found++
			} else if len(missed) < 5 {
				missed = append(missed, text)
			}
		}
	}
	return n, found, missed
}

// carry puts a word into a sentence.
func carry(r *rand.Rand, s *stock, word string) string {
	before, after := s.line(r), s.line(r)
	if s.name == "han" {
		return pick(r, before+"来"+word+"吧"+after, before+"，"+word, word+"。"+after, "快"+word+after)
	}
	return pick(r, before+" "+word+" "+after, before+" ("+word+") "+after, word+", "+after, before+": "+word+".")
}

func TestCleanTextIsLeftAlone(t *testing.T) {
	scripts := stocks(t)
	rules := hunting(t, everything, "", allSpam(scripts)...)
	r := rand.New(rand.NewPCG(12, 13))
	const lines = 10_000
	hits := map[string]int{}
	for i := range lines {
		s := &scripts[i%len(scripts)]
		for _, f := range foundIn(rules, s.line(r)) {
			hits[s.name+": "+f]++
		}
	}
	t.Logf("%d clean lines, %d hits", lines, len(hits))
	for hit, n := range hits {
		t.Errorf("%d times %+q (%s)", n, hit, hit)
	}
}
