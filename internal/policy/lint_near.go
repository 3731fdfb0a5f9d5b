package policy

import "fmt"

// near is nearest for names that people choose: two short words often differ by two letters and have
// nothing in common.
func near(word string, words []string) string {
	if len(word) > 4 {
		return nearest(word, words)
	}
	for _, w := range words {
		if distance(word, w) <= 1 {
			return nearest(word, []string{w})
		}
	}
	return ""
}

// listHint says what may be meant by the name of a list that is not there, where lists of some kinds
// can stand.
func (l *loader) listHint(name string, kinds []string) string {
	fitting := map[string]*list{}
	for other, s := range l.lists {
		for _, kind := range kinds {
			if s.kind == kind {
				fitting[other] = s
			}
		}
	}
	if hint := near(name, sortedNames(fitting)); hint != "" {
		return hint
	}
	return fmt.Sprintf("a literal is written in brackets: [%s]", name)
}
