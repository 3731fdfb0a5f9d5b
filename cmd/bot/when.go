package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// when reads a time as a person gives it: RFC 3339, a date, a date and a time of day, a time of day
// (today), or how long ago (2h, 30m, 7d, "2h ago"). Without a zone it is the zone of now. Nothing
// given is the zero time.
func when(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			y, m, d := now.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, now.Location()), nil
		}
	}
	if d, ok := ago(strings.TrimSpace(strings.TrimSuffix(text, "ago"))); ok {
		return now.Add(-d), nil
	}
	return time.Time{}, &failure{code: exitUsage, err: fmt.Errorf("%q is not a time: write 20:00 (today), 2h (ago), 2026-11-20 20:00 or 2026-11-20T20:00:00Z", text)}
}

// ago reads a duration, with d for days, up to ten years.
func ago(text string) (time.Duration, bool) {
	var days time.Duration
	if before, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseUint(before, 10, 12)
		if err != nil {
			return 0, false
		}
		days, text = time.Duration(n)*24*time.Hour, rest
		if text == "" {
			return days, n <= 3650
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || strings.HasPrefix(text, "+") || d+days > 3650*24*time.Hour || d+days < 0 {
		return 0, false
	}
	return d + days, true
}
