package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Warnings returns what differs from the Redis that Groupguard expects, one sentence each with the
// fix. It asks one server; in a cluster the others should be set alike.
func (s *Store) Warnings(ctx context.Context) []string {
	var out []string
	for _, want := range []struct{ setting, value, because string }{
		{"appendonly", "yes", "without it a restart of Redis loses accepted actions"},
		{"appendfsync", "always", "otherwise a crash of Redis loses what was accepted in the last second"},
		{"maxmemory-policy", "noeviction", "otherwise Redis deletes accepted actions when memory runs short"},
	} {
		have, err := s.setting(ctx, want.setting)
		switch {
		case err != nil:
			out = append(out, fmt.Sprintf("could not read %s of Redis (%s): make sure that it is %s, %s",
				want.setting, s.redact(err.Error()), want.value, want.because))
		case have != want.value:
			out = append(out, fmt.Sprintf("%s of Redis is %q: set it to %s (CONFIG SET %s %s, and in redis.conf), %s",
				want.setting, have, want.value, want.setting, want.value, want.because))
		}
	}
	info, err := s.client.Info(ctx, "server").Result()
	if err != nil {
		return append(out, fmt.Sprintf("could not read the version of Redis (%s): make sure that it is 6.2 or newer",
			s.redact(err.Error())))
	}
	if version := infoField(info, "redis_version"); !atLeast(version, 6, 2) {
		out = append(out, fmt.Sprintf("version %q of Redis is older than 6.2: upgrade it, claims need XAUTOCLAIM", version))
	}
	return out
}

func (s *Store) setting(ctx context.Context, name string) (string, error) {
	values, err := s.client.ConfigGet(ctx, name).Result()
	if err != nil {
		return "", err
	}
	return values[name], nil
}

// infoField finds a field in the answer to INFO.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// atLeast compares the first two numbers of a version.
func atLeast(version string, major, minor int) bool {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	if errA != nil || errB != nil {
		return false
	}
	return a > major || a == major && b >= minor
}
