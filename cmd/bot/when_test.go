package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTimesAsPeopleGiveThem(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 11, 20, 21, 30, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"":                          {},
		"2026-11-20T12:00:00Z":      time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
		"2026-11-20T12:00:00+02:00": time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		"2026-11-19":                time.Date(2026, 11, 19, 0, 0, 0, 0, zone),
		"2026-11-19 08:05":          time.Date(2026, 11, 19, 8, 5, 0, 0, zone),
		"2026-11-19T08:05:06":       time.Date(2026, 11, 19, 8, 5, 6, 0, zone),
		"20:00":                     time.Date(2026, 11, 20, 20, 0, 0, 0, zone),
		"20:00:30":                  time.Date(2026, 11, 20, 20, 0, 30, 0, zone),
		"2h":                        now.Add(-2 * time.Hour),
		"2h ago":                    now.Add(-2 * time.Hour),
		" 1h30m ago ":               now.Add(-90 * time.Minute),
		"7d":                        now.AddDate(0, 0, -7),
		"1d12h":                     now.Add(-36 * time.Hour),
	} {
		got, err := when(text, now)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "25:00", "-2h", "+2h", "2", "ago", "d", "1d1d", "99999d", "3650d24h", "2026-13-01", "8pm"} {
		if got, err := when(text, now); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

// FuzzTimes checks that whatever somebody types is a time of the last years or a mistake of usage.
func FuzzTimes(f *testing.F) {
	for _, seed := range []string{"2h ago", "7d", "20:00", "2026-11-20T12:00:00Z", "1d1h", "9999999h", "-1d"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 20, 21, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := when(text, now)
		if err != nil {
			var fault *failure
			if !errors.As(err, &fault) || fault.code != exitUsage {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if _, long := ago(strings.TrimSpace(text)); long && (got.After(now) || now.Sub(got) > 3650*24*time.Hour) {
			t.Errorf("%q is %s", text, got)
		}
	})
}
