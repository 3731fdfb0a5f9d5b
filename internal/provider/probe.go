package provider

import (
	"net/http"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// Probed is what one harmless call says about an account. It changes nothing at the provider.
type Probed struct {
	API     string
	Outcome actions.Outcome
	Groups  int // of the account; only when Outcome.Class is actions.OK
	// Skew is how far the provider's clock is ahead of ours, to the second: its answer says when it
	// was written. Timed is false when there was no answer, or one without a date.
	Skew  time.Duration
	Timed bool
}

// SkewOf returns how far the clock that wrote an answer is ahead of one that read sent before and
// got after the call. A Date header has whole seconds, so that half of one is added.
func SkewOf(h http.Header, sent, got time.Time) (skew time.Duration, ok bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	middle := sent.Add(got.Sub(sent) / 2)
	return date.Add(time.Second / 2).Sub(middle).Round(time.Second), true
}
