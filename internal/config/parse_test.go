package config

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRedisURL(t *testing.T) {
	for _, good := range []string{
		"redis://localhost", "redis://localhost:6379/0", "rediss://user:p%40ss@redis.example:6380/15",
		"redis://:pw@[::1]:6379", "redis+sentinel://a:26379,b:26379,c/main", "redis+sentinel://u:p@a,b/main/3", "rediss+sentinel://a/main?sentinel_username=s&sentinel_password=p%26",
		"redis+cluster://a:7000,b:7001", "rediss+cluster://:pw@10.0.0.1/0",
	} {
		if got, err := parseRedisURL(good); err != nil || got.Reveal() != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"localhost:6379": "is not a URL", "http://localhost": "has an unknown scheme", "redis://": "has no host",
		"redis://a,b": "names several hosts", "redis://a/one": "has a database that is not a number", "redis://a/-1": "has a database",
		"redis://a:123456": "has no host, or an odd one", "redis://u:p/w@a": "has no host, or an odd one",
		"redis://:p@ss@a": "has a user or password that is not escaped", "redis://:p%zz@a": "has a user or password that is not escaped",
		"redis+sentinel://a,b": "has no name of the master", "redis+sentinel://a/main/x": "has a database",
		"redis+cluster://a/1": "has a path", "redis://a?x=y": "has an unknown parameter", "redis://a?sentinel_password=x": "has an unknown parameter",
		"redis+sentinel://a/m?x=%zz": "has a query that is not valid", "redis+sentinelx://a/m": "has an unknown scheme", "redis+cluster://a,,b": "has no host, or an odd one", "redis://a b": "has no host, or an odd one",
	} {
		if _, err := parseRedisURL(bad); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", bad, want, err)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "512B": 512, "1KB": 1000, "1KiB": 1024, "1 MiB": 1 << 20, "3G": 3_000_000_000, "1GiB": 1 << 30, "2TiB": 2 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "1.5GiB", "GiB", "1gib", "1 XB", "9000000TiB", "1iB", "999999999999999999999"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestDurations(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "1d": day, "7d": 7 * day, "1d12h": day + 12*time.Hour, "106751d": 106751 * day,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "10", "d", "1.5d", "-1d", "1d-2h", "106752d", "106751d24h", "1w", "5 m"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestDurationsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "duration"))
		if got, err := parseDuration(want.String()); err != nil || got != want {
			t.Fatalf("%v: got %v, %v", want, got, err)
		}
	})
}

func TestNearest(t *testing.T) {
	candidates := []string{"listen", "admin-listen", "rules"}
	for name, want := range map[string]string{"listen": "listen", "lisen": "listen", "rule": "rules", "amdin-listen": "admin-listen", "xyz": "", "": ""} {
		if got := nearest(name, candidates); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
