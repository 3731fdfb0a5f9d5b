package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// spooled is a message as the spool stores it. doctorsRules want him
// removed for it, so that it waits for Redis.
const spooled = `{"v":1,"at":[1795204800,0],"received":[1795204800,0],"provider":"tencent","account":"1400000000","group":"@TGS#1FANS","id":"e9",` +
	`"kind":"message","member":"u_fay","name":"Fay","text":"casino coins","media":["coin.png"],"files":["coins.zip"],"joined_at":[1795204800,0]}`

// stockSpool makes a spool in which one event waits, and two were given up: one since it waited too long.
func stockSpool(dir string) (err error) {
	s, err := sqlite.OpenSpool(dir, 1<<30)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx := context.Background()
	for i := range 3 {
		e := spool.Entry{At: stockAt.Add(time.Duration(i) * time.Minute), Text: true, Body: []byte(spooled)}
		if err := s.Append(ctx, []spool.Entry{e}); err != nil {
			return err
		}
	}
	_, err = s.Forget(ctx, stockAt.Add(time.Second))
	return errors.Join(err, s.GiveUp(ctx, 2, "panic: runtime error: index out of range [3] with length 3"))
}

// A running bot lists its spool as a look into its folder does. Redis is away, and nothing asks for it.
func TestSpoolByTheBotAndFromItsFolder(t *testing.T) {
	s := newSurroundings(t)
	dir := filepath.Join(t.TempDir(), "data")
	if err := stockSpool(dir); err != nil {
		t.Fatal(err)
	}
	s.set("BOT_DATA_DIR", dir)
	s.set("BOT_REDIS_URL", "redis://127.0.0.1:1")
	s.set("BOT_ADMIN_LISTEN", "127.0.0.1:1")
	here := map[string]string{}
	lines := []string{"spool", "spool --limit 1", "spool --format json", "spool --limit 5000"}
	for _, line := range lines {
		c := s.console()
		code := c.run(strings.Fields(line)...)
		here[line] = c.out.String() + c.said.String()
		if (code == exitUsage) != strings.Contains(line, "5000") || code != exitUsage && (code != exitDone || !strings.Contains(here[line], "u_fay")) {
			t.Errorf("bot %s, from the folder: exit code %d\n%s", line, code, here[line])
		}
		for _, never := range []string{"Fay", "casino coins", "coin.png", "coins.zip"} {
			if strings.Contains(here[line], never) {
				t.Errorf("bot %s tells %q:\n%s", line, never, here[line])
			}
		}
	}
	s.set("BOT_ADMIN_LISTEN", "127.0.0.1:0")
	addr := s.serve(t)
	s.set("BOT_ADMIN_LISTEN", addr)
	for _, line := range lines {
		c := s.console()
		code := c.run(append(strings.Fields(line), "--addr", addr)...)
		if there := c.out.String() + c.said.String(); there != here[line] {
			t.Errorf("bot %s, by the bot: exit code %d\n%s\nfrom the folder\n%s", line, code, there, here[line])
		}
	}
	s.set("BOT_ADMIN_TOKEN", "")
	c := s.console()
	if code := c.run("spool"); code != exitEnvironment || !strings.Contains(c.said.String(), "stop it first, or choose another folder. To ask the bot that uses it: set BOT_ADMIN_TOKEN") {
		t.Errorf("beside the bot, without its token: exit code %d\n%s", code, c.said.String())
	}
}

func TestABotWithoutASpoolSaysSo(t *testing.T) {
	s := newSurroundings(t)
	c := s.console()
	if code := c.run("spool"); code != exitEnvironment || !strings.Contains(c.said.String(), "(BOT_DATA_DIR): name its folder with --data-dir, or a running bot with --addr HOST:PORT") {
		t.Errorf("no folder: exit code %d\n%s", code, c.said.String())
	}
	s.set("BOT_ADMIN_LISTEN", s.serve(t))
	c = s.console()
	if code := c.run("spool", "--format", "json"); code != exitInput || !strings.Contains(c.out.String(), `"error": "there is no spool: the store of this bot is embedded`) {
		t.Errorf("the embedded store: exit code %d\n%s%s", code, c.out.String(), c.said.String())
	}
}
