package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

const sampleToken = "sample-admin-token-0123"

// console runs command lines as a person does, and keeps what they print.
type console struct {
	env       []string
	in        string
	out, said bytes.Buffer
}

func (c *console) run(args ...string) int {
	c.out.Reset()
	c.said.Reset()
	return run(context.Background(), args, process{stdin: strings.NewReader(c.in), stdout: &c.out, stderr: &c.said, env: c.env})
}

// running serves the admin port of a bot that holds the store of a folder, and returns its address.
func running(t *testing.T, dir string) string {
	t.Helper()
	s, err := sqlite.Open(dir, store.Options{Partitions: 16})
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[chat.Provider]chat.Account{chat.Tencent: "1400000000", chat.CAMS: "cams-example01"}
	server := httptest.NewServer(admin.New(admin.Config{
		Token: sampleToken, Version: map[string]string{"version": "test"}, Gatherer: prometheus.NewRegistry(),
		Desk: desk.New(desk.Config{Store: s, Now: time.Now, Accounts: accounts}), Log: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimPrefix(server.URL, "http://")
}

// changing are the parts of outputs that differ from run to run.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*Z?|until: \d{4}-\d\d-\d\d|Undone .* by case|  AGE +|~  \d+[smhd] +|"before": .*|No bot runs on this store now.*\n`)

// TestRunningBotAnswersAsTheStoreDoes gives the same commands at a running bot and at the store, and
// compares what they print and their exit codes.
func TestRunningBotAnswersAsTheStoreDoes(t *testing.T) {
	t.Parallel()
	stored, served := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "data")
	for _, dir := range []string{stored, served} {
		if err := stock(dir); err != nil {
			t.Fatal(err)
		}
	}
	local := console{env: []string{"BOT_DATA_DIR=" + stored, "BOT_TENCENT_SDK_APP_ID=1400000000", "BOT_CAMS_CUST_SPACE_ID=cams-example01", "BOT_CAMS_BUSINESS_NUMBER=15550100099"}}
	remote := console{env: []string{"BOT_ADMIN_TOKEN=" + sampleToken, "BOT_ADMIN_LISTEN=" + running(t, served)}}
	for _, line := range []string{
		"cases", "cases --rule new-member-link --outcome dead --limit 1 --format json", "cases --since 2026-11-20T20:01:30Z --parts",
		"cases --outcome gone", "cases --limit 5000", "case REMOVED", "case WHATSAPP --format json", "case 00000000", "case ../pauses",
		"dead list", "dead list DEAD HELD --member u_cat", "held list --group tencent:@TGS#1FANS", "dead requeue DEAD", "dead drop DEAD", "held drop nothing-such",
		"held release --all", "pause new-member-link --why launch", "pause --group EA93UU0001", "pause --group cams:EA93UU0001", "pause --list",
		"resume new-member-link", "resume --all", "resume",
		"undo WHATSAPP --preview", "undo REMOVED --yes", "undo REMOVED --yes --format json", "undo 00000000 --yes", "undo --rule new-member-link --since 2026-11-20T20:00:00Z --yes",
		"undo --rule nobody --since 2026-11-20T20:00:00Z --until 2026-11-20T20:10:00Z --yes",
	} {
		args := strings.Fields(line)
		for i := range args {
			if code, ok := stocked[args[i]]; ok {
				args[i] = code
			}
		}
		here, there := local.run(args...), remote.run(args...)
		want, got := changing.ReplaceAllString(local.out.String()+local.said.String(), "~"), changing.ReplaceAllString(remote.out.String()+remote.said.String(), "~")
		if strings.ReplaceAll(want, "~", "") != strings.ReplaceAll(got, "~", "") || here != there {
			t.Errorf("bot %s: the store gives %d\n%s\na running bot gives %d\n%s", line, here, want, there, got)
		}
	}
}

func TestHowABotIsReached(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := stock(dir); err != nil {
		t.Fatal(err)
	}
	addr := running(t, dir)
	for name, tt := range map[string]struct {
		env  []string
		args string
		code int
		want string // in what is printed
	}{
		"by its address":             {[]string{"BOT_ADMIN_TOKEN=" + sampleToken}, "cases --addr " + addr, exitDone, "u_bob"},
		"by its URL":                 {[]string{"BOT_ADMIN_TOKEN=" + sampleToken}, "cases --addr http://" + addr + "/", exitDone, "u_bob"},
		"with another token":         {[]string{"BOT_ADMIN_TOKEN=" + sampleToken + "4"}, "cases --addr " + addr, exitEnvironment, "does not take the token (BOT_ADMIN_TOKEN)"},
		"without a token":            {nil, "cases --addr " + addr, exitEnvironment, "its token is needed (BOT_ADMIN_TOKEN)"},
		"at no address":              {[]string{"BOT_ADMIN_TOKEN=" + sampleToken}, "cases --addr here", exitUsage, "is not HOST:PORT or a URL"},
		"at the store that it holds": {[]string{"BOT_DATA_DIR=" + dir}, "cases", exitEnvironment, "set BOT_ADMIN_TOKEN for it and for this command, and say --addr HOST:PORT"},
		"where no bot answers": {[]string{"BOT_DATA_DIR=" + dir, "BOT_ADMIN_TOKEN=" + sampleToken, "BOT_ADMIN_LISTEN=127.0.0.1:1"}, "cases",
			exitEnvironment, "say --addr HOST:PORT if its admin port is not 127.0.0.1:1"},
	} {
		c := console{env: tt.env}
		code := c.run(strings.Fields(tt.args)...)
		printed := c.out.String() + c.said.String()
		if code != tt.code || !strings.Contains(printed, tt.want) || strings.Contains(printed, sampleToken) {
			t.Errorf("%s: exit code %d\n%s", name, code, printed)
		}
	}
}

// Without a token a command cannot ask the bot that is there: it says so, and not only that there is no store.
func TestABotWithoutAToken(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := stock(dir); err != nil {
		t.Fatal(err)
	}
	addr := running(t, dir)
	for _, line := range []string{"case " + stocked["REMOVED"], "cases", "pause new-member-link", "reload", "spool"} {
		c := console{env: []string{"BOT_ADMIN_LISTEN=" + addr, "BOT_DATA_DIR=" + t.TempDir()}}
		want := "a bot answers at " + addr + ": to ask it, set the BOT_ADMIN_TOKEN that it was started with"
		if code := c.run(strings.Fields(line)...); code != exitEnvironment || !strings.Contains(c.said.String(), want) {
			t.Errorf("bot %s: exit code %d: %s", line, code, c.said.String())
		}
		c.env[0] = "BOT_ADMIN_LISTEN=127.0.0.1:1"
		if code := c.run(strings.Fields(line)...); code != exitEnvironment || strings.Contains(c.said.String(), "a bot answers") {
			t.Errorf("bot %s where no bot is: exit code %d: %s", line, code, c.said.String())
		}
	}
}

// What answers on a wrong port is told from a bot without a token: the port of webhooks speaks JSON too.
func TestAPortThatIsNoAdminPort(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"webhooks": `{"error":"Not Found"}`, "anything": "<html>"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(answer))
		}))
		c := console{env: []string{"BOT_ADMIN_TOKEN=" + sampleToken}}
		for _, line := range []string{"cases", "case 00000000", "pause", "doctor", "rules", "reload", "spool"} {
			code := c.run(append(strings.Fields(line), "--addr", server.URL)...)
			if code != exitEnvironment || !strings.Contains(c.said.String(), server.URL+" answers with status 404 and is no bot") {
				t.Errorf("%s, bot %s: exit code %d: %s", name, line, code, c.said.String())
			}
		}
		server.Close()
	}
}

func TestAddressWithoutTheAPI(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(admin.New(admin.Config{Gatherer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)}))
	defer server.Close()
	c := console{env: []string{"BOT_ADMIN_TOKEN=" + sampleToken}}
	if code := c.run("case", "00000000", "--addr", server.URL); code != exitEnvironment || !strings.Contains(c.said.String(), "has no operator's API") {
		t.Errorf("exit code %d: %s", code, c.said.String())
	}
}

func TestUndoAsksFirst(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := stock(dir); err != nil {
		t.Fatal(err)
	}
	c := console{env: []string{"BOT_DATA_DIR=" + dir}}
	for _, tt := range []struct {
		answer string
		code   int
		want   string
	}{
		{"", exitUsage, "nobody was there to be asked"},
		{"\n", exitInput, "nothing was undone"},
		{"no\n", exitInput, "nothing was undone"},
		{"yep\n", exitInput, "nothing was undone"},
		{"Y\n", exitDone, "Undone: 1 case."},
		{"yes", exitDone, "Undone: 0 cases. Undone before: 1."},
	} {
		c.in = tt.answer
		code := c.run("undo", stocked["REMOVED"])
		printed := c.out.String() + c.said.String()
		if code != tt.code || !strings.Contains(printed, tt.want) || !strings.Contains(printed, "Undo 1 case? [y/N] ") {
			t.Errorf("answered %q: exit code %d\n%s", tt.answer, code, printed)
		}
	}
	c.in = "y\n"
	if code := c.run("undo", stocked["WHATSAPP"], "--format", "json"); code != exitUsage || strings.Contains(c.out.String(), "[y/N]") {
		t.Errorf("a program is asked: exit code %d\n%s", code, c.out.String())
	}
}
