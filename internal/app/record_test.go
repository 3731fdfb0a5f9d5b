package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/trial"
)

func events(n int) []chat.Event {
	out := make([]chat.Event, n)
	for i := range out {
		out[i] = chat.Event{
			At: time.Date(2026, 11, 20, 9, 0, i, 0, time.UTC), Group: chat.Group{Provider: chat.Tencent, Account: "1", ID: "g"},
			ID: chat.EventID(fmt.Sprint(i)), Kind: chat.Message, Member: "m", Text: "text\n<&>", Trusted: i%2 == 1,
		}
	}
	return out
}

// recorded reads a file of events.
func recorded(t *testing.T, name string) []chat.Event {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := trial.ReadAll(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestARestartAppendsOnALineOfItsOwn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.ndjson")
	for _, torn := range []string{"", "\n", "half a line"} {
		if torn != "" {
			f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(torn); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
		r, err := openRecorder(name, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		r.add(events(2))
		if err := errors.Join(r.close(), r.close()); err != nil {
			t.Fatal(err)
		}
		r.add(events(1)) // too late, and harmless
		if got := testutil.ToFloat64(r.written); got != 2 {
			t.Errorf("%v written", got)
		}
		if got := testutil.ToFloat64(r.dropped); got != 1 {
			t.Errorf("%v dropped", got)
		}
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "half a line\n{"); n != 1 {
		t.Errorf("got\n%s", data)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), "half a line\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := recorded(t, name); len(got) != 6 || got[0].Text != "text\n<&>" || !got[1].Trusted {
		t.Errorf("%+v", got)
	}
}

func TestAFileThatCannotBeOpenedIsNamed(t *testing.T) {
	_, err := openRecorder(t.TempDir(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "BOT_RECORD") {
		t.Error(err)
	}
}

// slowFile takes nothing until it is let, and fails as long as there is an error.
type slowFile struct {
	let  chan struct{}
	err  error
	text strings.Builder
}

func (f *slowFile) Write(b []byte) (int, error) {
	<-f.let
	if f.err != nil {
		return 0, f.err
	}
	return f.text.Write(b)
}

func (f *slowFile) Close() error { return nil }

func TestAFileThatHangsHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &slowFile{let: make(chan struct{})}
		r := newRecorder(f, 10, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
		go r.run()
		r.add(events(1))
		synctest.Wait()
		<-time.After(recordFlush) // the flush hangs from here on
		synctest.Wait()
		r.add(events(30))
		if got := testutil.ToFloat64(r.dropped); got != 20 {
			t.Errorf("%v dropped, want what is over the room of 10", got)
		}
		huge := events(1)
		huge[0].Text = strings.Repeat("x", recordBytes)
		r.add(huge)
		if got := testutil.ToFloat64(r.dropped); got != 21 {
			t.Errorf("%v dropped, want the one that memory has no room for", got)
		}
		close(f.let)
		if err := r.close(); err != nil {
			t.Fatal(err)
		}
		if held := r.held.Load(); held != 0 {
			t.Errorf("%d bytes are held for ever", held)
		}
		if n := strings.Count(f.text.String(), "\n"); n != 11 || testutil.ToFloat64(r.written) != 11 {
			t.Errorf("%d lines, %v written", n, testutil.ToFloat64(r.written))
		}
	})
}

func TestAFileThatFailsIsComplainedAboutOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := &slowFile{let: make(chan struct{}), err: errors.New("no space left")}
		close(f.let)
		r := newRecorder(f, 10, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&log, nil)))
		go r.run()
		pass := func(d time.Duration) {
			for range int(d / recordFlush) {
				r.add(events(1))
				<-time.After(recordFlush)
			}
			synctest.Wait()
		}
		pass(recordNag + 10*recordFlush)
		if n := strings.Count(log.String(), "no space left"); n != 2 || strings.Contains(log.String(), "text") {
			t.Errorf("%d complaints: %s", n, log.String())
		}
		f.err = nil
		pass(3 * recordFlush)
		if err := r.close(); err != nil {
			t.Fatal(err)
		}
		if got := testutil.ToFloat64(r.written) + testutil.ToFloat64(r.dropped); got != 73 || testutil.ToFloat64(r.written) < 3 {
			t.Errorf("%v of 73 events accounted for, %v written", got, testutil.ToFloat64(r.written))
		}
		if !strings.HasPrefix(f.text.String(), "\n{") {
			t.Error("what was written after a failure is not on a line of its own")
		}
	})
}
