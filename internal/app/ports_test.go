package app_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

const okTencent = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`

// tencentURL returns the URL that Tencent would post to at a time, changed by edits "key=value" or
// "-key".
func tencentURL(r *rig, at time.Time, edits ...string) string {
	o := r.sim.Options().Tencent
	ts := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256([]byte(o.WebhookToken + ts))
	keys := []string{"SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"}
	query := map[string]string{
		"SdkAppid": fmt.Sprint(o.SDKAppID), "CallbackCommand": "Group.CallbackAfterSendMsg", "contenttype": "json",
		"ClientIP": "203.0.113.1", "OptPlatform": "iOS", "Sign": hex.EncodeToString(sum[:]), "RequestTime": ts,
	}
	for _, e := range edits {
		if name, gone := strings.CutPrefix(e, "-"); gone {
			delete(query, name)
			continue
		}
		name, value, _ := strings.Cut(e, "=")
		query[name] = value
	}
	var parts []string
	for _, k := range keys {
		if v, ok := query[k]; ok {
			parts = append(parts, k+"="+v)
		}
	}
	return "http://" + r.app.WebhookAddr() + "/webhook/tencent?" + strings.Join(parts, "&")
}

func message(random int, text string) string {
	return fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":%q,"Type":"Public","From_Account":"bob","Operator_Account":"bob",
"Random":%d,"MsgSeq":1,"MsgTime":1732060941,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%q}}]}`, public, random, text)
}

// TestEveryAnswerOfTheWebhookPort goes through the outcomes that both providers may be answered
// with, one broken thing per row.
func TestEveryAnswerOfTheWebhookPort(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	now := time.Now()
	cams := "http://" + r.app.WebhookAddr() + "/webhook/cams/"
	secret := r.sim.Options().CAMS.WebhookSecret
	inbound := fmt.Sprintf(`[{"MessageId":"1","From":"15550100001","To":%q,"Type":"TEXT","Message":"hi","Timestamp":%d,"Name":"A","GroupId":%q}]`,
		r.sim.Options().CAMS.BusinessNumber, now.UnixMilli(), wa)
	big := `{"CallbackCommand":"x","pad":"` + strings.Repeat("a", 1<<20) + `"}`
	for _, tt := range []struct {
		name, url, body, header string
		status                  int
		answer                  string // exact when it starts with a brace
	}{
		{"Tencent: accepted", tencentURL(r, now), message(1, "hi"), "", 200, okTencent},
		{"Tencent: a command that nobody handles", tencentURL(r, now), `{"CallbackCommand":"State.StateChange","Info":{}}`, "", 200, okTencent},
		{"Tencent: an unknown command", tencentURL(r, now), `{"CallbackCommand":"Group.CallbackOfTomorrow","GroupId":7}`, "", 200, okTencent},
		{"Tencent: blocked", tencentURL(r, now), strings.Replace(message(2, "refuse me"), "After", "Before", 1), "", 200,
			`{"ActionStatus":"OK","ErrorInfo":"Not like that","ErrorCode":10123}`},
		{"Tencent: no signature", tencentURL(r, now, "-Sign"), message(3, "赌博"), "", 401, "ActionStatus"},
		{"Tencent: bad signature", tencentURL(r, now, "Sign="+strings.Repeat("0", 64)), message(3, "赌博"), "", 401, "ActionStatus"},
		{"Tencent: signature for another time", tencentURL(r, now, "RequestTime="+strconv.FormatInt(now.Unix()-1, 10)), message(3, "赌博"), "", 401, "ActionStatus"},
		{"Tencent: stale", tencentURL(r, now.Add(-10*time.Minute)), message(3, "赌博"), "", 401, "ActionStatus"},
		{"Tencent: from the future", tencentURL(r, now.Add(10*time.Minute)), message(3, "赌博"), "", 401, "ActionStatus"},
		{"Tencent: another application", tencentURL(r, now, "SdkAppid=1400000001"), message(3, "赌博"), "", 403, "ActionStatus"},
		{"Tencent: forged and not JSON is not decoded", tencentURL(r, now, "-Sign"), "not JSON", "", 401, "ActionStatus"},
		{"Tencent: not JSON", tencentURL(r, now), "hello", "", 400, "ActionStatus"},
		{"Tencent: empty", tencentURL(r, now), "", "", 400, "ActionStatus"},
		{"Tencent: wrong shape", tencentURL(r, now), `[1,2]`, "", 400, "ActionStatus"},
		{"Tencent: two documents", tencentURL(r, now), message(4, "hi") + message(5, "hi"), "", 400, "ActionStatus"},
		{"Tencent: deep nesting", tencentURL(r, now), strings.Repeat("[", 20_000), "", 400, "ActionStatus"},
		{"Tencent: a key twice in two cases", tencentURL(r, now), strings.Replace(message(6, "hi"), `"Random"`, `"from_account":"ann","Random"`, 1), "", 400, "ActionStatus"},
		{"Tencent: over 1 MiB", tencentURL(r, now), big, "", 413, "ActionStatus"},
		{"Tencent: compressed", tencentURL(r, now), message(7, "hi"), "gzip", 415, "ActionStatus"},
		{"CAMS: accepted", cams + secret, inbound, "", 200, `{"code":0,"msg":"ok"}`},
		{"CAMS: an audit notice", cams + secret, `[{"WabaId":"1","TemplateCode":"x","AuditStatus":"pass"}]`, "", 200, `{"code":0,"msg":"ok"}`},
		{"CAMS: wrong secret", cams + "wrong-secret-0123456789", inbound, "", 404, ""},
		{"CAMS: no secret", strings.TrimSuffix(cams, "/"), inbound, "", 404, ""},
		{"CAMS: wrong secret and not JSON", cams + "x", "hello", "", 404, ""},
		{"CAMS: not JSON", cams + secret, "hello", "", 400, `"code":400`},
		{"CAMS: two documents", cams + secret, inbound + inbound, "", 400, `"code":400`},
		{"CAMS: over 1 MiB", cams + secret, big, "", 413, `"code":413`},
		{"CAMS: compressed", cams + secret, inbound, "br", 415, `"code":415`},
		{"nothing else is here", "http://" + r.app.WebhookAddr() + "/metrics", "{}", "", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, bytes.NewReader([]byte(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != "" {
				req.Header.Set("Content-Encoding", tt.header)
			}
			resp, err := r.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			exact := strings.HasPrefix(tt.answer, "{")
			if resp.StatusCode != tt.status || exact && string(got) != tt.answer || !strings.Contains(string(got), tt.answer) {
				t.Errorf("got %d %s, want %d %s", resp.StatusCode, got, tt.status, tt.answer)
			}
			for _, hidden := range []string{"赌博", secret, r.sim.Options().Tencent.WebhookToken} {
				if strings.Contains(string(got), hidden) {
					t.Errorf("the answer repeats %q", hidden)
				}
			}
		})
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if ended := r.ended(); len(ended) != 0 {
		t.Errorf("a refused webhook acted: %+v", ended)
	}
}

// post sends a webhook body and returns the status of the answer.
func (r *rig) post(t *testing.T, url, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r.do(t, req)
}

// get asks the admin port and returns the status of the answer.
func (r *rig) get(t *testing.T, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.app.AdminAddr()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r.do(t, req)
}

func (r *rig) do(t *testing.T, req *http.Request) int {
	t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

func TestNoStoreNoSuccess(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), func(c *config.Config) { c.SpoolMax = 0 })
	addGroups(t, r.sim)
	if status := r.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d, want 200", status)
	}
	server.Kill()
	inbound := fmt.Sprintf(`[{"MessageId":"1","From":"15550100002","Type":"TEXT","Message":"赌博","Timestamp":%d,"GroupId":%q}]`,
		time.Now().UnixMilli(), wa)
	for name, hook := range map[string]struct{ url, body string }{
		"Tencent": {tencentURL(r, time.Now()), message(1, "赌博")},
		"CAMS":    {"http://" + r.app.WebhookAddr() + "/webhook/cams/" + r.sim.Options().CAMS.WebhookSecret, inbound},
	} {
		if status := r.post(t, hook.url, hook.body); status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d, want 503", name, status)
		}
	}
	if status := r.get(t, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d, want 503", status)
	}
	if status := r.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d, want 200", status)
	}
	server.Restart(t)
	eventually(t, "the bot is ready again", func() bool { return r.get(t, "/readyz") == http.StatusOK })
	if status := r.post(t, tencentURL(r, time.Now()), message(1, "赌博")); status != http.StatusOK {
		t.Errorf("after the restart: %d, want 200", status)
	}
	eventually(t, "bob is removed", func() bool { return !r.sim.World().Has(public, "bob") })
}

func TestSlowBodiesAreAnswered408(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	for name, target := range map[string]string{
		"Tencent": tencentURL(r, time.Now()),
		"CAMS":    "http://" + r.app.WebhookAddr() + "/webhook/cams/" + r.sim.Options().CAMS.WebhookSecret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := strings.TrimPrefix(target, "http://"+r.app.WebhookAddr())
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.app.WebhookAddr())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\n\r\n{", path); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusRequestTimeout {
				t.Errorf("got %d, want 408", resp.StatusCode)
			}
		})
	}
}
