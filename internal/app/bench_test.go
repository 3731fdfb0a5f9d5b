package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/groupguard/groupguard"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

// callback is what the bare handler decodes: the fields that the bot reads.
type callback struct {
	CallbackCommand, GroupId, Type, From_Account, Operator_Account, MsgId, CloudCustomData string //nolint:revive,staticcheck // the provider's spelling
	Random, MsgSeq                                                                         uint32
	MsgTime, EventTime                                                                     int64
	MsgBody                                                                                []struct {
		MsgType    string
		MsgContent struct{ Text string }
	}
}

// bareEcho answers like the bot after nothing but encoding/json.
func bareEcho(b *testing.B) string {
	b.Helper()
	e := echo.New()
	e.POST("/webhook/tencent", func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		var m callback
		if err := json.Unmarshal(body, &m); err != nil {
			return err
		}
		return c.JSONBlob(http.StatusOK, []byte(okTencent))
	})
	s := httptest.NewServer(e)
	b.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// messages returns requests with texts that begin as given and never repeat, by many members in
// many groups. Beyond the beginning no rule minds them.
func messages(r *rand.Rand, addr, path string, n int, begin string) [][]byte {
	words := strings.Fields(`the meeting starts at nine tomorrow please bring your notes and something to drink we will
talk about the garden the new bridge and who paints the fence 今天 天气 很好 我们 一起 去 公园 散步 然后 吃饭 明天 见`)
	out := make([][]byte, n)
	for i := range out {
		var text strings.Builder
		text.WriteString(begin)
		for text.Len() < 80 {
			text.WriteString(words[r.IntN(len(words))] + " ")
		}
		user := r.IntN(100_000)
		body := fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#G%d","Type":"Public","From_Account":"user_%d","Operator_Account":"user_%d",
"Random":%d,"MsgId":"144115212910570700-1732060941-%d","MsgSeq":%d,"MsgTime":%d,"OnlineOnlyFlag":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"%s %d"}}],
"CloudCustomData":"","EventTime":%d}`, r.IntN(500), user, user, r.Uint32(), i, i, time.Now().Unix(), text.String(), i, time.Now().UnixMilli())
		out[i] = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, addr, len(body), body)
	}
	return out
}

// path returns a signed path of the webhook port.
func path(b *testing.B, r *rig) string {
	b.Helper()
	u, err := url.Parse(tencentURL(r, time.Now()))
	if err != nil {
		b.Fatal(err)
	}
	return u.RequestURI()
}

// drive sends the requests over some connections and returns how long it took.
func drive(b *testing.B, addr string, requests [][]byte) time.Duration {
	b.Helper()
	const conns = 32
	var wg sync.WaitGroup
	start := time.Now()
	for c := range conns {
		wg.Go(func() {
			conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for i := c; i < len(requests); i += conns {
				if _, err := conn.Write(requests[i]); err != nil {
					b.Error(err)
					return
				}
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				if resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
					b.Errorf("%d %v", resp.StatusCode, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// tenThousandWords returns rules of one list of words, and a link rule.
func tenThousandWords(n int) string {
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // seeded so that every run has the same words
	var words []string
	for i := range n {
		if i%2 == 0 {
			words = append(words, fmt.Sprintf("%q", fmt.Sprintf("x%sq%d", strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(3)), r.IntN(1_000_000))))
			continue
		}
		words = append(words, fmt.Sprintf("%q", string([]rune{rune(0x4E00 + r.IntN(20_000)), rune(0x4E00 + r.IntN(20_000)), rune(0x4E00 + r.IntN(20_000))})))
	}
	slices.Sort(words)
	return `version: 1
defaults: {mode: enforce}
lists:
  words: {kind: word, values: [` + strings.Join(slices.Compact(words), ", ") + `]}
  trusted: {kind: domain, values: [example.com]}
rules:
  - {id: words, on: message, when: {text: {has_any: words}}, then: [{remove: {}}]}
  - {id: links, on: message, when: {link: {domain_not_in: trusted}}, then: [{remove: {}}]}
`
}

// BenchmarkWebhook compares the bot with a bare Echo handler that decodes the same JSON, round by
// round in one run: the metric is the bot's requests per second over the bare handler's.
func BenchmarkWebhook(b *testing.B) {
	for _, tt := range []struct{ name, rules string }{
		{"rules=10000words", tenThousandWords(10_000)},
		{"rules=sample", string(groupguard.SampleRules)}, // keeps windows, so every message goes to the store
	} {
		b.Run(tt.name, func(b *testing.B) {
			r := start(b, sim.Options{}, tt.rules, "", func(c *config.Config) { c.CAMS = config.CAMS{} })
			bare := bareEcho(b)
			random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano()))) //nolint:gosec // texts
			var ratios []float64
			var ours, theirs time.Duration
			n := 0
			for b.Loop() {
				const batch = 4_000
				requests := messages(random, "bot", path(b, r), batch, "")
				t := drive(b, bare, requests)
				o := drive(b, r.app.WebhookAddr(), requests)
				theirs, ours, n = theirs+t, ours+o, n+batch
				ratios = append(ratios, t.Seconds()/o.Seconds())
			}
			drive(b, r.app.WebhookAddr(), messages(random, "bot", path(b, r), 1, "赌博 http://win.example.net "))
			if len(r.cases()) != 1 {
				b.Fatalf("%d cases of one offence: the messages of this benchmark are not judged as they should be", len(r.cases()))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(float64(n)/ours.Seconds(), "bot-req/s")
			b.ReportMetric(float64(n)/theirs.Seconds(), "bare-req/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
