package actions

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// TestAQuietAccountLogsOnlyWhatGoesWrong has one action done and one refused.
func TestAQuietAccountLogsOnlyWhatGoesWrong(t *testing.T) {
	for name, quiet := range map[string]bool{"quiet": true, "not quiet": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				q := newMemoryQueue()
				s := &fakeSender{answer: func(batch []chat.Action, i int) Outcome {
					if batch[i].Member == "bad" {
						return Outcome{Class: Permanent, Code: "10007"}
					}
					return Outcome{}
				}}
				q.add(removal("g", "good"))
				q.add(removal("h", "bad"))
				stop := start(t, q, s, func(c *Config) {
					c.Log = slog.New(slog.NewTextHandler(&log, nil))
					account := c.Accounts[chat.Tencent]
					account.Quiet = quiet
					c.Accounts[chat.Tencent] = account
				})
				<-time.After(time.Minute)
				synctest.Wait()
				stop()
				if n := strings.Count(log.String(), "msg=done"); n == 0 != quiet {
					t.Errorf("%d lines tell that it was done:\n%s", n, log.String())
				}
				if !strings.Contains(log.String(), "action given up") {
					t.Errorf("nothing tells that it was given up:\n%s", log.String())
				}
			})
		})
	}
}
