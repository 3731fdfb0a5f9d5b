package spool

import (
	"testing"
	"time"
)

func TestAClockThatJumpsLetsNothingGo(t *testing.T) {
	const day = 24 * time.Hour
	type look struct{ passed, wall, want time.Duration } // since zeroHour: what the clock says, and what counts
	for name, row := range map[string]struct {
		newest time.Duration // the last entry at the start; zero: none
		looks  []look
	}{
		"no clock jumps":                {0, []look{{time.Minute, time.Minute, time.Minute}, {2 * day, 2 * day, 2 * day}}},
		"the newest is a moment old":    {-time.Minute, []look{{time.Minute, time.Minute, 0}}},
		"the newest is of a later time": {8 * day, []look{{time.Minute, time.Minute, time.Minute}}},
		"wrong at the start, then set":  {-time.Minute - 8*day, []look{{time.Minute, time.Minute, -8 * day}, {2 * time.Hour, 2*time.Hour - 8*day, 2*time.Hour - 8*day}}},
		"the bot was off for long":      {-8 * day, []look{{time.Minute, time.Minute, time.Minute - 8*day}, {time.Hour, time.Hour, time.Hour}}},
		"a jump soon after the start":   {0, []look{{time.Minute, time.Minute + 8*day, time.Minute}}},
		"a jump later":                  {0, []look{{time.Hour, time.Hour, time.Hour}, {2 * time.Hour, 2*time.Hour + 8*day, 2 * time.Hour}}},
	} {
		newest := time.Time{}
		if row.newest != 0 {
			newest = zeroHour.Add(row.newest)
		}
		a := newAge(zeroHour, newest)
		for _, l := range row.looks {
			if got := a.now(zeroHour.Add(l.wall), l.passed); !got.Equal(zeroHour.Add(l.want)) {
				t.Errorf("%s: %v after %v, want %v", name, got, l.passed, zeroHour.Add(l.want))
			}
		}
	}
}
