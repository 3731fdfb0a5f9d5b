package redis

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

func TestARedisThatCannotBeUsedIsAnErrorAtOnce(t *testing.T) {
	locked := redistest.New(t, "--appendonly", "no", "--requirepass", "a-password")
	open := redistest.New(t, "--appendonly", "no")
	other, err := Open(t.Context(), open.URL(), 0, store.Options{Partitions: 4}, slog.New(slog.DiscardHandler))
	if err != nil || !other.Opened() {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // a test's own
	for name, row := range map[string]struct {
		url  string
		want error
		says string
	}{
		"no password":      {locked.URL(), ErrSetup, "NOAUTH"},
		"wrong password":   {"redis://:no@" + locked.Addr, ErrSetup, "WRONGPASS"},
		"no such database": {open.URL() + "/99", ErrSetup, "out of range"},
		"partitions":       {open.URL(), store.ErrPartitions, "4 partitions"},
		"no URL":           {"localhost", nil, "no scheme"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), row.url, 0, store.Options{Partitions: 2}, slog.New(slog.DiscardHandler))
			if err == nil || row.want != nil && !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%v, want %q", err, row.says)
			}
		})
	}
}

// A Redis that is away at the start, and turns out to be of no use, says so with the first call that
// reaches it.
func TestARedisThatComesLaterIsLookedAtThen(t *testing.T) {
	for name, row := range map[string]struct {
		url  func(addr string) string
		args []string
		want error
	}{
		"as it should be": {url: func(addr string) string { return "redis://" + addr }},
		"wrong password":  {url: func(addr string) string { return "redis://:no@" + addr }, args: []string{"--requirepass", "a-password"}, want: ErrSetup},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.New(t, append([]string{"--appendonly", "no"}, row.args...)...)
			server.Kill()
			s := openAt(t, row.url(server.Addr), 0, store.Options{Partitions: 2})
			if err := s.Ping(t.Context()); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrSetup) || s.Opened() {
				t.Fatalf("while it is away: %v", err)
			}
			server.Restart(t)
			_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
			if !errors.Is(err, row.want) || s.Opened() != (row.want == nil) {
				t.Errorf("once it is there: %v, opened %v", err, s.Opened())
			}
		})
	}
}

func TestAnOldRedisIsRefused(t *testing.T) {
	s := newScripted(t)
	for version, fine := range map[string]bool{"5.0.14": false, "6.0.16": false, "6.2.0": true, "": true} {
		info := "# Server\r\nredis_version:" + version + "\r\n"
		s.info.Store(&info)
		_, err := Open(t.Context(), "redis://"+s.addr, 0, store.Options{Partitions: 1}, slog.New(slog.DiscardHandler))
		if fine != (err == nil) || !fine && (!errors.Is(err, ErrSetup) || !strings.Contains(err.Error(), version)) {
			t.Errorf("%s: %v", version, err)
		}
	}
}
