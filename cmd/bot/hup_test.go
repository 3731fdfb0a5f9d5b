package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestHangUpBeforeTheBotIsBuilt sends SIGHUP while the settings are being read, from a pipe that keeps the
// process there: it reads on, and says what is wrong with them. A command whose terminal goes away ends.
func TestHangUpBeforeTheBotIsBuilt(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
	}{
		"run":             {[]string{"run"}, exitEnvironment},
		"another command": {[]string{"healthcheck"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := filepath.Join(t.TempDir(), "bot") // the name by which the test program is the bot
			if err := os.Symlink(self, bin); err != nil {
				t.Fatal(err)
			}
			pipe := filepath.Join(t.TempDir(), "settings.yaml")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			cmd := exec.Command(bin, append(tt.args, "--config", pipe)...)
			cmd.Stderr, cmd.Env = &said, []string{}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
			defer late.Stop()
			f, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the bot reads
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			if tt.code == exitEnvironment {
				_, _ = f.WriteString("listen: nowhere\n") // the exit code tells whether anybody read it
				_ = f.Close()
			}
			var ended *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != tt.code {
				t.Errorf("it ended with %v, want exit code %d: %s", err, tt.code, said.String())
			}
			_ = f.Close()
		})
	}
}
