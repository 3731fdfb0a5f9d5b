package match

import (
	"errors"
	"strings"
)

// maxDigits is the length of the longest phone number (ITU-T E.164, with room for what is wrong).
const maxDigits = 20

// Phones is a set of phone numbers, or of the digits that numbers begin with.
type Phones struct {
	set     map[string]struct{}
	longest int
}

// NewPhones returns the set of numbers that ParsePhone returned.
func NewPhones(numbers []string) *Phones {
	p := &Phones{set: make(map[string]struct{}, len(numbers))}
	for _, n := range numbers {
		p.set[n] = struct{}{}
		p.longest = max(p.longest, len(n))
	}
	return p
}

// Has tells whether the number, which is digits alone, is in the set.
func (p *Phones) Has(number string) bool {
	_, ok := p.set[number]
	return ok
}

// HasPrefix tells whether the number, which is digits alone, begins with one of the set.
func (p *Phones) HasPrefix(number string) bool {
	for n := 1; n <= min(len(number), p.longest); n++ {
		if p.Has(number[:n]) {
			return true
		}
	}
	return false
}

// ParsePhone reads a number as people write it and returns its digits: "+86 170-1234" is
// "861701234".
func ParsePhone(s string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().", r) {
			return -1
		}
		return r
	}, strings.TrimPrefix(strings.TrimSpace(s), "+"))
	if !Digits(digits) || len(digits) > maxDigits {
		return "", errors.New("it is not a phone number")
	}
	return digits, nil
}

// Digits tells whether s is digits alone, at least one.
func Digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
