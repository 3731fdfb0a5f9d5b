package redis

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

func TestWarnings(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want []string // beginnings
	}{
		{"as it should be", []string{"--appendonly", "yes", "--appendfsync", "always"}, nil},
		{"nothing on disk", []string{"--appendonly", "no", "--appendfsync", "always"}, []string{`appendonly of Redis is "no"`}},
		{"a second at risk", []string{"--appendonly", "yes", "--appendfsync", "everysec"}, []string{`appendfsync of Redis is "everysec"`}},
		{
			"eviction",
			[]string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"},
			[]string{`maxmemory-policy of Redis is "allkeys-lru"`},
		},
		{
			"CONFIG forbidden",
			[]string{"--rename-command", "CONFIG", ""},
			[]string{"could not read appendonly", "could not read appendfsync", "could not read maxmemory-policy"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openAt(t, redistest.New(t, test.args...).URL(), 0, store.Options{Partitions: 1})
			got := s.Warnings(t.Context())
			if len(got) != len(test.want) {
				t.Fatalf("%q, want %d warnings", got, len(test.want))
			}
			for i, begin := range test.want {
				if !strings.HasPrefix(got[i], begin) {
					t.Errorf("%q, want it to begin with %q", got[i], begin)
				}
			}
		})
	}
}

func TestVersionsAreCompared(t *testing.T) {
	for version, want := range map[string]bool{
		"6.2": true, "6.2.14": true, "7.0.15": true, "10.0.0": true, "6.0.16": false, "5.0.7": false, "": false, "x.y": false,
	} {
		if got := atLeast(version, 6, 2); got != want {
			t.Errorf("%q is 6.2 or newer: %v, want %v", version, got, want)
		}
	}
}
