package sim

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// bench is a server under test with a clock that stands still until it is moved.
type bench struct {
	*Server
	t     testing.TB
	http  *httptest.Server
	nonce int
}

func start(t testing.TB, o Options) *bench {
	t.Helper()
	b := &bench{Server: New(o), t: t}
	b.http = httptest.NewServer(b.Handler())
	t.Cleanup(func() {
		b.cancel()
		b.http.CloseClientConnections()
		b.http.Close()
		b.Close()
	})
	return b
}

func (b *bench) add(groups ...Group) *bench {
	b.t.Helper()
	for _, g := range groups {
		if err := b.world.AddGroup(g); err != nil {
			b.t.Fatal(err)
		}
	}
	return b
}

// sig makes a UserSig by the document.
func sig(key, identifier string, app uint64, at, expire int64) string {
	u := userSig{Identifier: &identifier, SDKAppID: &app, Time: &at, Expire: &expire}
	plain := encode(row{
		"TLS.ver": "2.0", "TLS.identifier": identifier, "TLS.sdkappid": app, "TLS.expire": expire, "TLS.time": at, "TLS.sig": u.sign(key),
	})
	return pack(plain)
}

func pack(plain []byte) string {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(plain) // into memory
	_ = z.Close()
	return strings.NewReplacer("+", "*", "/", "-", "=", "_").Replace(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

func (b *bench) query() url.Values {
	o := b.options.Tencent
	return url.Values{
		"sdkappid": {fmt.Sprint(o.SDKAppID)}, "identifier": {"administrator"}, "random": {"42"}, "contenttype": {"json"},
		"usersig": {sig(o.SecretKey, "administrator", o.SDKAppID, b.now().Unix(), 86400)},
	}
}

// tencent calls a command and returns the answer's fields.
func (b *bench) tencent(command, body string) map[string]any {
	b.t.Helper()
	status, answer, _ := b.do(b.request(http.MethodPost, "/v4/group_open_http_svc/"+command+"?"+b.query().Encode(), body))
	if status != http.StatusOK {
		b.t.Fatalf("%s: HTTP %d, want 200 whatever happens", command, status)
	}
	return answer
}

// code calls a command and returns its ErrorCode.
func (b *bench) code(command, body string) int {
	b.t.Helper()
	return int(b.tencent(command, body)["ErrorCode"].(float64))
}

func (b *bench) request(method, path, body string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.http.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) do(r *http.Request) (int, map[string]any, http.Header) {
	b.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil {
		b.t.Fatalf("answer %.200q is not a JSON object: %v", raw, err)
	}
	return resp.StatusCode, answer, resp.Header
}

// cams builds an unsigned call of an operation.
func (b *bench) cams(action string, params map[string]string) *http.Request {
	b.t.Helper()
	b.nonce++
	q := url.Values{"CustSpaceId": {b.options.CAMS.CustSpaceID}, "BusinessNumber": {b.options.CAMS.BusinessNumber}, "ChannelType": {"WHATSAPP"}}
	for k, v := range params {
		q.Set(k, v)
	}
	r := b.request(http.MethodPost, "/?"+q.Encode(), "")
	r.Header.Set("x-acs-action", action)
	r.Header.Set("x-acs-version", "2020-06-06")
	r.Header.Set("x-acs-date", b.now().UTC().Format(time.RFC3339))
	r.Header.Set("x-acs-signature-nonce", fmt.Sprintf("nonce-%d", b.nonce))
	r.Header.Set("x-acs-content-sha256", sha(""))
	return r
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

var usual = []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}

// signed signs a request as its sender would.
func (b *bench) signed(r *http.Request, names []string) *http.Request {
	b.t.Helper()
	o := b.options.CAMS
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	signature, _, err := acsSignature(r, names, r.Header.Get("x-acs-content-sha256"), o.AccessKeySecret)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+o.AccessKeyID+",SignedHeaders="+strings.Join(names, ";")+",Signature="+signature)
	return r
}

// operation calls an operation and returns status, Code and the answer's fields.
func (b *bench) operation(action string, params map[string]string) (int, string, map[string]any) {
	b.t.Helper()
	status, answer, _ := b.do(b.signed(b.cams(action, params), usual))
	code, _ := answer["Code"].(string)
	return status, code, answer
}

// push is one webhook that a listener received.
type push struct {
	path  string
	query url.Values
	body  []byte
}

func (p push) field(t testing.TB, key string) any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(p.body, &m); err != nil {
		t.Fatalf("webhook body %q: %v", p.body, err)
	}
	return m[key]
}

// listen points a server at a bot that answers as told; what arrives is sent to the channel.
func (b *bench) listen(answer func(n int, p push) (int, string)) chan push {
	b.t.Helper()
	got := make(chan push, 10_000)
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p := push{r.URL.Path, r.URL.Query(), body}
		n := len(got)
		got <- p
		status, text := answer(n, p)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	b.t.Cleanup(bot.Close)
	b.PointAt(bot.URL)
	return got
}

const fine = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"code":0}`

func accept(int, push) (int, string) { return http.StatusOK, fine }

// idle waits for all webhooks and returns what arrived.
func (b *bench) idle(got chan push) []push {
	b.t.Helper()
	if err := b.Idle(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	var all []push
	for len(got) > 0 {
		all = append(all, <-got)
	}
	return all
}
