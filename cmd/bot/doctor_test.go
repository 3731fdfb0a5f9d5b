package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

const doctorsRules = `version: 1
defaults: {mode: enforce, brake: {removals: 20, within: 5m}}
rules:
  - id: casino
    on: message
    when: {text: {has_any: ["casino"]}}
    then: [{remove: {}}]
`

// surroundings are all that a bot needs: both providers, a rules file and a data folder.
type surroundings struct {
	rules string
	env   []string
}

// set changes a variable; an empty value takes it away.
func (s *surroundings) set(name, value string) {
	s.env = append(s.env, name+"="+value)
}

// newSurroundings starts simulated providers. The credentials of CAMS come from the environment of the
// process, where Alibaba's own library looks.
func newSurroundings(t *testing.T) *surroundings {
	t.Helper()
	fake := sim.New(sim.Options{Tencent: sim.TencentOptions{Rate: -1}, CAMS: sim.CAMSOptions{Rate: -1}})
	url, stop, err := fake.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); fake.Close() })
	s := &surroundings{rules: filepath.Join(t.TempDir(), "rules.yaml")}
	s.write(t, doctorsRules)
	o := fake.Options()
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", o.CAMS.AccessKeyID)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", o.CAMS.AccessKeySecret)
	for name, value := range map[string]string{
		"BOT_RULES": s.rules, "BOT_DATA_DIR": filepath.Join(t.TempDir(), "data"), "BOT_LISTEN": "127.0.0.1:0", "BOT_ADMIN_LISTEN": "127.0.0.1:0",
		"BOT_ADMIN_TOKEN": sampleToken, "BOT_LOG_FORMAT": "json",
		"BOT_TENCENT_SDK_APP_ID": strconv.FormatUint(o.Tencent.SDKAppID, 10), "BOT_TENCENT_SECRET_KEY": o.Tencent.SecretKey,
		"BOT_TENCENT_WEBHOOK_TOKEN": o.Tencent.WebhookToken, "BOT_TENCENT_ENDPOINT": url,
		"BOT_CAMS_CUST_SPACE_ID": o.CAMS.CustSpaceID, "BOT_CAMS_BUSINESS_NUMBER": o.CAMS.BusinessNumber,
		"BOT_CAMS_WEBHOOK_SECRET": o.CAMS.WebhookSecret, "BOT_CAMS_ENDPOINT": url,
	} {
		s.set(name, value)
	}
	return s
}

func (s *surroundings) write(t *testing.T, rules string) {
	t.Helper()
	if err := os.WriteFile(s.rules, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
}

// console returns a command line in these surroundings. The last of two variables of a name counts.
func (s *surroundings) console() *console {
	last := map[string]string{}
	for _, pair := range s.env {
		name, value, _ := strings.Cut(pair, "=")
		last[name] = value
	}
	c := &console{}
	for name, value := range last {
		c.env = append(c.env, name+"="+value)
	}
	return c
}

// serve runs bot run until the test ends, and returns its admin address.
func (s *surroundings) serve(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"run"}, process{stdin: strings.NewReader(""), stdout: io.Discard, stderr: in, env: s.console().env})
		_ = in.Close()
	}()
	lines := bufio.NewScanner(out)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		var line struct{ Msg, Admin string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			t.Cleanup(func() {
				cancel()
				if code := <-ended; code != exitDone {
					t.Errorf("the bot ended with %d", code)
				}
			})
			return line.Admin
		}
	}
	cancel()
	t.Fatalf("the bot does not serve:\n%s", strings.Join(said, "\n"))
	return ""
}

// Each row breaks one thing.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	for _, tt := range []struct {
		name string
		args string
		harm func(t *testing.T, s *surroundings)
		code int
		want string // a line of the report holds it
	}{
		{name: "nothing", code: exitDone, want: "ok       tencent   SDKAppID"},
		{name: "nothing, CAMS", code: exitDone, want: "ok       cams      channel"},
		{name: "nothing is called", args: "--offline", code: exitDone, want: "skipped  tencent   not called: --offline"},
		{name: "the rules", code: exitInput, want: "error    rules ", harm: func(t *testing.T, s *surroundings) { s.write(t, "version: 1\nrules: 7\n") }},
		{name: "a test of the rules", code: exitInput, want: `test 1 of rule "casino" failed`, harm: func(t *testing.T, s *surroundings) {
			s.write(t, doctorsRules+"    tests: [{say: hello, expect: match}]\n")
		}},
		{name: "no rules", code: exitInput, want: "cannot be read: no such file", harm: func(_ *testing.T, s *surroundings) { s.set("BOT_RULES", "/nowhere/rules.yaml") }},
		{name: "a setting", code: exitEnvironment, want: "error    settings  BOT_LISTEN", harm: func(_ *testing.T, s *surroundings) { s.set("BOT_LISTEN", "here") }},
		{name: "the settings and the rules", code: exitEnvironment, want: "error    settings  BOT_LISTEN", harm: func(t *testing.T, s *surroundings) {
			s.set("BOT_LISTEN", "here")
			s.write(t, "version: 2\n")
		}},
		{name: "a secret in the open", code: exitDone, want: "warning  secrets   BOT_TENCENT_SECRET_KEY_FILE names", harm: func(t *testing.T, s *surroundings) {
			file := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(file, []byte("0123456789abcdef"), 0o644); err != nil {
				t.Fatal(err)
			}
			s.set("BOT_TENCENT_SECRET_KEY", "")
			s.set("BOT_TENCENT_SECRET_KEY_FILE", file)
		}, args: "--offline"},
		{name: "the key of Tencent", code: exitEnvironment, want: "BOT_TENCENT_SECRET_KEY is the key of this SDKAppID", harm: func(_ *testing.T, s *surroundings) {
			s.set("BOT_TENCENT_SECRET_KEY", strings.Repeat("ab", 32))
		}},
		{name: "the access key", code: exitEnvironment, want: "SignatureDoesNotMatch", harm: func(t *testing.T, _ *surroundings) {
			t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret-that-is-none")
		}},
		{name: "the folder", code: exitEnvironment, want: "is not a folder", harm: func(_ *testing.T, s *surroundings) { s.set("BOT_DATA_DIR", s.rules) }},
		{name: "a port", code: exitEnvironment, want: "(BOT_LISTEN) cannot be listened on: bind: address already in use", harm: func(t *testing.T, s *surroundings) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			s.set("BOT_LISTEN", l.Addr().String())
		}},
		{name: "Redis that forgets", code: exitDone, want: `warning  store     appendonly of Redis is "no"`, harm: func(t *testing.T, s *surroundings) { s.set("BOT_REDIS_URL", redistest.Start(t)) }},
		{name: "no Redis", code: exitEnvironment, want: "error    store     Redis cannot be asked", harm: func(_ *testing.T, s *surroundings) { s.set("BOT_REDIS_URL", "redis://127.0.0.1:1") }},
		{name: "no replicas", code: exitEnvironment, want: "BOT_REDIS_WAIT_REPLICAS is 1: no commit can be answered", harm: func(t *testing.T, s *surroundings) {
			s.set("BOT_REDIS_URL", redistest.Durable(t).URL())
			s.set("BOT_REDIS_WAIT_REPLICAS", "1")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSurroundings(t)
			if tt.harm != nil {
				tt.harm(t, s)
			}
			c := s.console()
			code := c.run(append([]string{"doctor"}, strings.Fields(tt.args)...)...)
			printed := c.out.String() + c.said.String()
			if code != tt.code || !strings.Contains(printed, tt.want) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.want, printed)
			}
			for _, pair := range c.env {
				name, value, _ := strings.Cut(pair, "=")
				secret := strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_SECRET")
				if secret && value != "" && strings.Contains(printed, value) {
					t.Errorf("%s is printed:\n%s", name, printed)
				}
			}
		})
	}
}

// A bot that runs says of itself what nobody else can see.
func TestDoctorAsksTheBotThatRuns(t *testing.T) {
	s := newSurroundings(t)
	addr := s.serve(t)
	s.set("BOT_ADMIN_LISTEN", addr)
	c := s.console()
	if code := c.run("pause", "casino"); code != exitDone {
		t.Fatalf("pausing: %d %s", code, c.said.String())
	}
	for name, tt := range map[string]struct {
		env  []string
		args string
		code int
		want []string
	}{
		"at its own address":  {c.env, "", exitDone, []string{"The bot that runs", "in use by process", "1 pause hold back", "ok       tencent", "heartbeat it is off"}},
		"by --addr":           {[]string{"BOT_ADMIN_TOKEN=" + sampleToken}, "--addr " + addr, exitDone, []string{"The bot that runs"}},
		"here all the same":   {c.env, "--here --offline", exitDone, []string{"What a bot would start with here", "a bot (version", "in use by process"}},
		"without the token":   {[]string{"BOT_ADMIN_LISTEN=" + addr}, "", exitEnvironment, []string{"What a bot would start with here", "no provider is on", "a bot (version"}},
		"with another token":  {[]string{"BOT_ADMIN_LISTEN=" + addr, "BOT_ADMIN_TOKEN=" + sampleToken + "4"}, "", exitEnvironment, []string{"does not take the token"}},
		"without --addr's":    {nil, "--addr " + addr, exitEnvironment, []string{"its token is needed"}},
		"where there is none": {[]string{"BOT_ADMIN_TOKEN=" + sampleToken}, "--addr 127.0.0.1:1", exitEnvironment, []string{"asking the bot at http://127.0.0.1:1"}},
	} {
		c := console{env: tt.env}
		code := c.run(append([]string{"doctor"}, strings.Fields(tt.args)...)...)
		printed := c.out.String() + c.said.String()
		for _, want := range tt.want {
			if code != tt.code || !strings.Contains(printed, want) {
				t.Errorf("%s: exit code %d, want %d and %q:\n%s", name, code, tt.code, want, printed)
			}
		}
	}
	if code := c.run("doctor", "--format", "json", "--offline"); code != exitDone {
		t.Errorf("as JSON: exit code %d", code)
	}
	var report doctor.Report
	if err := json.Unmarshal(c.out.Bytes(), &report); err != nil || !report.Running || len(report.Checks) < 8 || report.Warnings == 0 {
		t.Errorf("%v: %s", err, c.out.String())
	}
}
