package desk

import "fmt"

// How many a list has.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Limit returns how many a list has of which so many are asked for; of 0, as many as usual.
func Limit(asked int) (int, error) {
	if asked < 0 || asked > MaxLimit {
		return 0, &Error{Mistaken, fmt.Sprintf("limit %d is not 1 to %d", asked, MaxLimit)}
	}
	if asked == 0 {
		return DefaultLimit, nil
	}
	return asked, nil
}
