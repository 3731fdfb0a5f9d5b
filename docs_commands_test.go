package groupguard_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// everyPage returns all pages that a reader is led to.
func everyPage(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir("docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			found = append(found, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("found %d pages: %v", len(found), err)
	}
	return found
}

// allShown returns the commands and files of all pages.
func allShown(t *testing.T) []shown {
	t.Helper()
	var out []shown
	for _, page := range everyPage(t) {
		out = append(out, shownOn(page, read(t, page))...)
	}
	return out
}

// services are the commands that run until they are interrupted, with what they print once they run.
// Their ports are free ones, so that they do not get in the way of the bot on the stage.
var services = []struct {
	command *regexp.Regexp
	ready   *regexp.Regexp
}{
	{regexp.MustCompile(`^bot demo\b`), demoReady},
	{regexp.MustCompile(`^bot sim\b`), simReady},
	{regexp.MustCompile(`^(env .*)?\bbot run\b`), regexp.MustCompile(`serving`)},
}

var oneShot = regexp.MustCompile(`--(once|help)\b`)

// listening are the flags that name ports: services of the pages get free ones.
var listening = regexp.MustCompile(`--(admin-)?listen[= ]\S+`)

// exits is a comment with which a line says that the command ends with another code than 0.
var exits = regexp.MustCompile(`# .*exit code (\d)`)

// fromNothing are the pages whose readers have no bot yet. What opens the admin port has to be made on the
// page itself.
var fromNothing = regexp.MustCompile(`^(README|docs/getting-started-.*|docs/deployment)\.md$`)

// A reader is somebody at a shell who follows one page: the variables that he sets stay.
type reader struct {
	*stage
	env []string
}

// perform runs one command of a page on the stage.
func (r *reader) perform(c shown) error {
	line, err := r.onStageAs(c.text)
	if err != nil {
		return err
	}
	for _, service := range services {
		if service.command.MatchString(line) && !oneShot.MatchString(line) {
			return serve(r.dir, listening.ReplaceAllString(line, ""), append(slices.Clip(r.env),
				"BOT_LISTEN=127.0.0.1:0", "BOT_ADMIN_LISTEN=127.0.0.1:0", "BOT_DATA_DIR="+filepath.Join(r.dir, "data-of-service")), service.ready, nil)
		}
	}
	want := 0
	if m := exits.FindStringSubmatch(line); m != nil {
		want = int(m[1][0] - '0')
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	after := filepath.Join(r.dir, ".after")
	run := exec.CommandContext(ctx, "bash", "-a", "-o", "pipefail", "-c", line+"\ncode=$?; env -0 >"+after+"; exit $code")
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }
	run.Dir, run.Env, run.Stdin, run.WaitDelay = r.dir, r.env, strings.NewReader("y\n"), time.Second
	out, err := run.CombinedOutput()
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("exit code %d, not %d, of\n  %s\n%s", got, want, line, out[max(0, len(out)-2000):])
	}
	left, err := os.ReadFile(after)
	r.env = strings.Split(strings.Trim(string(left), "\x00"), "\x00")
	return err
}

// Every command that a page shows does what it is there for.
func TestEveryCommandOnThePagesRuns(t *testing.T) {
	if testing.Short() {
		t.Log("commands run in the full test only") // under the race detector nothing of this would be found
		return
	}
	ran, save := 0, map[string]bool{}
	onStage(t, func(s *stage) {
		for _, page := range everyPage(t) {
			r := &reader{s, s.env}
			if fromNothing.MatchString(page) {
				r.env = slices.DeleteFunc(slices.Clone(s.env), func(pair string) bool { return strings.HasPrefix(pair, "BOT_ADMIN_TOKEN=") })
			}
			for _, c := range shownOn(page, read(t, page)) {
				if c.save != "" {
					save[c.save] = true
					if err := os.WriteFile(filepath.Join(s.dir, c.save), []byte(c.text), 0o600); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if coveredElsewhere(c) {
					continue
				}
				ran++
				// The bot has a short time to answer some commands, which a busy machine may not give it.
				if r.perform(c) == nil {
					continue
				}
				if err := r.perform(c); err != nil {
					t.Errorf("%s:%d: %s\n%v", c.page, c.line, c.text, err)
				}
			}
		}
	})
	if ran < 20 {
		t.Errorf("only %d commands ran", ran)
	}
	if !save["my-rules.yaml"] {
		t.Errorf("the newcomer's rules are not saved: %v", slices.Sorted(mapsKeys(save)))
	}
}
