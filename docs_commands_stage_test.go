package groupguard_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds what one step of these tests waits for, on a machine with other work to do.
const patience = 90 * time.Second

// stage is where the commands of the pages run: a folder like the root of the repository, with the
// program on the path, a running bot with simulated providers, and what it has recorded.
type stage struct {
	dir, root            string
	env                  []string
	webhooks, admin, sim string // host:port of the bot's two ports, and of the simulator
	token                string
	made                 int // offences that were made to order
}

// transcript keeps what a program prints, and can be waited for.
type transcript struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
	more chan struct{} // has one element when something came
}

func (w *transcript) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default:
	}
	return w.text.Write(b)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await waits for a text.
func (w *transcript) await(want *regexp.Regexp, ended <-chan error) error {
	late := time.After(patience)
	for !want.MatchString(w.String()) {
		select {
		case <-w.more:
		case err := <-ended:
			return fmt.Errorf("%w: it has not printed %q: %w\n%s", errEnded, want, err, w)
		case <-late:
			return fmt.Errorf("it has not printed %q within %s:\n%s", want, patience, w)
		}
	}
	return nil
}

// leash ends a program with SIGTERM when the pipe at descriptor 3 is closed: by the test, or by the end of
// the test's process, however it ends.
const leash = ` </dev/null & child=$!
{ read -r _ <&3; kill -TERM $child; } >/dev/null 2>&1 &
wait $child`

// serve runs a program until it has printed a text, calls during, and interrupts it: it has to end well.
func serve(dir, line string, env []string, ready *regexp.Regexp, during func(printed string)) (err error) {
	end, held, err := os.Pipe()
	if err != nil {
		return err
	}
	defer end.Close()
	defer held.Close()
	c := exec.Command("bash", "-c", line+leash)
	c.ExtraFiles = []*os.File{end}
	out := &transcript{more: make(chan struct{}, 1)}
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, env, out, out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	if err := out.await(ready, ended); errors.Is(err, errEnded) {
		return err
	} else if err != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		return err
	}
	defer func() { // also when during ends the test
		_ = held.Close()
		select {
		case stopped := <-ended:
			if stopped != nil {
				err = fmt.Errorf("when interrupted: %w\n%s", stopped, out)
			}
		case <-time.After(patience):
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			err = fmt.Errorf("it does not end when interrupted:\n%s", out)
		}
	}()
	if during != nil {
		during(out.String())
	}
	return nil
}

var errEnded = errors.New("it ended too early")

var (
	demoReady = regexp.MustCompile(`your turn`)
	simReady  = regexp.MustCompile(`ALIBABA_CLOUD_ACCESS_KEY_SECRET=\S+\n`)
	address   = regexp.MustCompile(`(?m)^ +(webhooks|metrics|providers) +http://([^/]+)/`)
	setting   = regexp.MustCompile(`(?m)^ +((?:BOT|ALIBABA_CLOUD)_\w+=\S+)$`)
)

// onStage builds the program, sets the stage and calls play while a bot runs on it.
func onStage(t *testing.T, play func(*stage)) {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{dir: t.TempDir(), root: root, token: "token-of-the-stage-0123456789"}
	s.furnish(t)
	if out, err := exec.Command("go", "build", "-o", filepath.Join(s.dir, "bin", "bot"), "./cmd/bot").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	err = serve(s.dir, "bot sim --listen 127.0.0.1:0", s.env, simReady, func(printed string) {
		for _, m := range setting.FindAllStringSubmatch(printed, -1) {
			s.env = append(s.env, m[1])
		}
		own := append(slices.Clip(s.env), "BOT_LISTEN=127.0.0.1:0", "BOT_ADMIN_LISTEN=127.0.0.1:0", "BOT_RECORD="+filepath.Join(s.dir, "events.ndjson"))
		err := serve(s.dir, "bot demo", own, demoReady, func(printed string) {
			at := map[string]string{}
			for _, m := range address.FindAllStringSubmatch(printed, -1) {
				at[m[1]] = m[2]
			}
			s.webhooks, s.admin, s.sim = at["webhooks"], at["metrics"], at["providers"]
			s.env = append(s.env, "BOT_ADMIN_LISTEN="+s.admin)
			s.oneEvent(t)
			play(s)
		})
		if err != nil {
			t.Errorf("bot demo: %v", err)
		}
	})
	if err != nil {
		t.Errorf("bot sim: %v", err)
	}
}

// furnish makes the folder: copies of what readers have before them and may change.
func (s *stage) furnish(t *testing.T) {
	t.Helper()
	for _, dir := range []string{"deploy", "docs", "schema"} {
		if err := os.CopyFS(filepath.Join(s.dir, dir), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"rules.yaml": read(t, "rules.yaml"), "old.yaml": read(t, "rules.yaml"), "new.yaml": read(t, "rules.yaml"),
		// An answer that tells of an error is one for the shell as well.
		"bin/curl": "#!/bin/sh\nPATH=${PATH#*:} exec curl --fail-with-body --max-time 60 \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(body), 0o700); err != nil { //nolint:gosec // one is a program
			t.Fatal(err)
		}
	}
	s.env = []string{"PATH=" + filepath.Join(s.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + s.dir, "TZ=UTC", "BOT_ADMIN_TOKEN=" + s.token}
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN"} {
		if out, err := exec.Command("go", "env", name).Output(); err == nil {
			s.env = append(s.env, name+"="+strings.TrimSpace(string(out)))
		}
	}
}

// oneEvent saves one of the recorded events as event.json.
func (s *stage) oneEvent(t *testing.T) {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join(s.dir, "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(recorded, []byte("\n")) {
		if bytes.Contains(line, []byte("wang_gambler")) {
			if err := os.WriteFile(filepath.Join(s.dir, "event.json"), line, 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("the demo has recorded %d bytes, and none of wang_gambler", len(recorded))
}

// post sends JSON to a port of the stage and returns the answer.
func (s *stage) post(host, path string, body any) ([]byte, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return s.ask(http.MethodPost, "http://"+host+path, bytes.NewReader(b))
}

func (s *stage) ask(method, url string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s %s", method, url, answer.Status, got)
	}
	return got, err
}
