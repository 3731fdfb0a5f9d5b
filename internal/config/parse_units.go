package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// lasting parses a duration as Go writes it, with d for days of 24 hours.
func lasting(low, high time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, err := parseDuration(s)
		if err != nil {
			return 0, err
		}
		if d < low || d > high {
			return 0, &fault{quote(s) + " is out of range", fmt.Sprintf("%v to %v", low, high)}
		}
		return d, nil
	}
}

// offOr lets a plain zero through.
func offOr(parse func(string) (time.Duration, error)) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		if d, err := parseDuration(s); err == nil && d == 0 {
			return 0, nil
		}
		return parse(s)
	}
}

func parseDuration(s string) (time.Duration, error) {
	rest, days := s, time.Duration(0)
	if number, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/(24*time.Hour)) {
			return 0, badDuration(s)
		}
		if days = time.Duration(n) * 24 * time.Hour; after == "" {
			return days, nil
		}
		rest = after
	}
	d, err := time.ParseDuration(rest)
	if err != nil || (days > 0 && (d < 0 || d > math.MaxInt64-days)) {
		return 0, badDuration(s)
	}
	return days + d, nil
}

func badDuration(s string) error {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return &fault{quote(s) + " has no unit", fmt.Sprintf("did you mean %q?", s+"s")}
	}
	return &fault{quote(s) + " is not a duration", "such as 500ms, 30s, 5m, 12h or 7d"}
}

var sizePattern = regexp.MustCompile(`^([0-9]{1,18}) ?([KMGT]i?)?B?$`)

// parseSize reads a number of bytes with an optional unit: KB and KiB to TB and TiB.
func parseSize(s string) (int64, error) {
	bad := &fault{quote(s) + " is not a size", "such as 0, 512MiB or 1GiB"}
	m := sizePattern.FindStringSubmatch(s)
	if m == nil {
		return 0, bad
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, bad
	}
	base := int64(1000)
	if strings.HasSuffix(m[2], "i") {
		base = 1024
	}
	for range strings.IndexByte("KMGT", (m[2] + " ")[0]) + 1 {
		if n > math.MaxInt64/base {
			return 0, bad
		}
		n *= base
	}
	return n, nil
}
