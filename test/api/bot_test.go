package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	token    = "sample-admin-token-0123"
	patience = time.Minute
	rules    = `version: 1
defaults: {mode: enforce, brake: {removals: 20, within: 5m}}
rules:
  - id: casino
    title: Casinos
    on: message
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
  - id: new-member-link
    on: message
    when: {text: {has_any: ["coins"]}}
    then: [{remove: {}}]
`
)

// bot is a running bot whose providers are simulated by a process of its own.
type bot struct {
	admin, hooks, rules string
	settings            map[string]string
	client              *http.Client
}

// program builds the bot.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join("..", ".."), "-o", path, "./cmd/bot")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the bot: %v\n%s", err, out)
	}
	return path
}

// run starts the program and hands over the lines that it prints on one stream. It is ended with the test.
func run(t *testing.T, path, dir string, env []string, stream func(*exec.Cmd) (io.ReadCloser, error), args ...string) *bufio.Scanner {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := stream(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		go func() { _, _ = io.Copy(io.Discard, out) }()
		_ = cmd.Wait()
	})
	return bufio.NewScanner(out)
}

// start starts the simulated providers and a bot that uses them, with more settings.
func start(t *testing.T, more ...string) *bot {
	t.Helper()
	path, dir := program(t), t.TempDir()
	b := &bot{settings: map[string]string{}, client: &http.Client{Timeout: patience}, rules: filepath.Join(dir, "rules.yaml")}
	if err := os.WriteFile(b.rules, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "BOT_ADMIN_TOKEN="+token, "BOT_LISTEN=127.0.0.1:0", "BOT_ADMIN_LISTEN=127.0.0.1:0", "BOT_LOG_FORMAT=json")
	env = append(env, more...)
	lines := run(t, path, dir, os.Environ(), (*exec.Cmd).StdoutPipe, "sim", "--listen", "127.0.0.1:0")
	for len(b.settings) < 10 && lines.Scan() {
		if name, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "="); ok {
			b.settings[name] = value
			env = append(env, name+"="+value)
		}
	}
	lines = run(t, path, dir, env, (*exec.Cmd).StderrPipe, "run")
	var said []string
	for b.admin == "" && lines.Scan() {
		said = append(said, lines.Text())
		var line struct{ Msg, Webhooks, Admin string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			b.hooks, b.admin = "http://"+line.Webhooks, "http://"+line.Admin
		}
	}
	if b.admin == "" {
		t.Fatalf("the bot does not serve:\n%s", strings.Join(said, "\n"))
	}
	go func() {
		for lines.Scan() { // what it logs must not block it
		}
	}()
	return b
}

// say has a member of a Tencent group say something, as Tencent tells it.
func (b *bot) say(t *testing.T, text string, number int) {
	t.Helper()
	at := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256([]byte(b.settings["BOT_TENCENT_WEBHOOK_TOKEN"] + at))
	q := url.Values{
		"SdkAppid": {b.settings["BOT_TENCENT_SDK_APP_ID"]}, "CallbackCommand": {"Group.CallbackAfterSendMsg"}, "contenttype": {"json"},
		"ClientIP": {"192.0.2.1"}, "OptPlatform": {"iOS"}, "Sign": {hex.EncodeToString(sum[:])}, "RequestTime": {at},
	}
	body := fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#1","Type":"Public","From_Account":"bob","MsgSeq":%d,"Random":%d,"MsgTime":%s,
		"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%q}}]}`, number, number, at, text)
	resp, err := b.client.Post(b.hooks+"/webhook/tencent?"+q.Encode(), "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the webhook is answered with %d %s, %v", resp.StatusCode, answer, err)
	}
}

// doomed makes a group at the simulated Tencent from which nobody can be removed.
func (b *bot) doomed(t *testing.T) {
	t.Helper()
	for path, body := range map[string]string{
		"group": `{"provider":"tencent","id":"@TGS#1","type":"Public","owner":"o","members":["bob"]}`,
		"fault": `{"api":"delete_group_member","times":-1,"code":10015}`,
	} {
		resp, err := b.client.Post(b.settings["BOT_TENCENT_ENDPOINT"]+"/sim/"+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
			t.Fatalf("%s: %d %s %v", path, resp.StatusCode, text, err)
		}
	}
}

// answer is what the bot said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask makes a request, with the token unless auth says otherwise.
func (b *bot) ask(t *testing.T, method, path, media string, body []byte, auth string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.admin+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", "Bearer "+auth)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, data}
}

// until waits for an answer that holds a text.
func (b *bot) until(t *testing.T, path, holds string) answer {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		a := b.ask(t, http.MethodGet, path, "", nil, token)
		if strings.Contains(string(a.body), holds) {
			return a
		}
		select {
		case <-deadline.C:
			t.Fatalf("%s does not come to hold %q: %s", path, holds, a.body)
		case <-tick.C:
		}
	}
}
