package tencent

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	testAppID = "1400000000"
	testToken = "sample-webhook-token"
	testAdmin = "administrator"
)

func testWebhook() *Webhook {
	return NewWebhook(WebhookConfig{SDKAppID: testAppID, Token: testToken, MaxAge: 5 * time.Minute, Identifier: testAdmin})
}

// queries returns the query string of each sample, by file name.
func queries(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, query, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("line %q has no query", line)
		}
		out[name] = query
	}
	if len(out) != 39 {
		t.Fatalf("%d queries, want 39", len(out))
	}
	return out
}

func request(query string) *http.Request {
	return &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/webhook/tencent", RawQuery: query}}
}

func sentAt(t testing.TB, query string) time.Time {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := strconv.ParseInt(v.Get("RequestTime"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(s, 0)
}

func TestAuthenticateAcceptsEverySample(t *testing.T) {
	w := testWebhook()
	for name, q := range queries(t) {
		if err := w.Authenticate(request(q), sentAt(t, q)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		other := NewWebhook(WebhookConfig{SDKAppID: testAppID, Token: testToken + "x"})
		if err := other.Authenticate(request(q), sentAt(t, q)); err == nil {
			t.Errorf("%s: accepted with another token", name)
		}
	}
}

// The vector is printed in the documents (34354).
const (
	vectorToken = "xxxxyyyy"
	vectorTime  = "1669872112"
	vectorSign  = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
)

func TestAuthenticateOneBrokenThingEach(t *testing.T) {
	at := time.Unix(1669872112, 0)
	good := "SdkAppid=1400000000&CallbackCommand=x&contenttype=json&Sign=" + vectorSign + "&RequestTime=" + vectorTime
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the good query", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	tests := []struct {
		name, query string
		now         time.Time
		status      int // 0: accepted
		reason      string
	}{
		{"as documented", good, at, 0, ""},
		{"SdkAppId in another case", swap("SdkAppid", "sdkAppId"), at, 0, ""},
		{"oldest accepted", good, at.Add(5 * time.Minute), 0, ""},
		{"farthest ahead accepted", good, at.Add(-5 * time.Minute), 0, ""},
		{"no query", "", at, 403, "missing SdkAppid"},
		{"no SdkAppid", swap("SdkAppid=1400000000&", ""), at, 403, "missing SdkAppid"},
		{"another SdkAppid", swap("1400000000", "1400000001"), at, 403, "wrong SdkAppid"},
		{"longer SdkAppid", swap("1400000000", "14000000000"), at, 403, "wrong SdkAppid"},
		{"escaped SdkAppid", swap("1400000000", "%31400000000"), at, 403, "wrong SdkAppid"},
		{"SdkAppid twice", good + "&SdkAppid=1400000000", at, 403, "repeated parameter"},
		{"SdkAppid twice in other cases", good + "&sdkappid=1400000001", at, 403, "repeated parameter"},
		{"Sign twice", good + "&Sign=" + vectorSign, at, 403, "repeated parameter"},
		{"empty Sign first", "Sign=&" + good, at, 403, "repeated parameter"},
		{"RequestTime twice", good + "&RequestTime=" + vectorTime, at, 403, "repeated parameter"},
		{"no Sign", swap("Sign="+vectorSign+"&", ""), at, 401, "missing signature"},
		{"no RequestTime", swap("&RequestTime="+vectorTime, ""), at, 401, "missing request time"},
		{"RequestTime not digits", swap("="+vectorTime, "=16698x2112"), at, 401, "malformed request time"},
		{"RequestTime signed number", swap("="+vectorTime, "=%2B1669872112"), at, 401, "malformed request time"},
		{"RequestTime of 21 digits", swap("="+vectorTime, "=000000000001669872112"), at, 401, "malformed request time"},
		{"Sign of another time", swap("="+vectorTime, "=1669872113"), at, 401, "bad signature"},
		{"Sign in capitals", swap(vectorSign, strings.ToUpper(vectorSign)), at, 401, "bad signature"},
		{"Sign one digit off", swap("17773bc", "17773bd"), at, 401, "bad signature"},
		{"Sign cut short", swap(vectorSign, vectorSign[:63]), at, 401, "bad signature"},
		{"Sign with a tail", swap(vectorSign, vectorSign+"0"), at, 401, "bad signature"},
		{"too old", good, at.Add(5*time.Minute + time.Second), 401, "stale request"},
		{"too far ahead", good, at.Add(-5*time.Minute - time.Second), 401, "request time in the future"},
		{"old and badly signed tells nothing of time", swap("17773bc", "17773bd"), at.Add(time.Hour), 401, "bad signature"},
	}
	w := NewWebhook(WebhookConfig{SDKAppID: testAppID, Token: vectorToken})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantRefusal(t, w.Authenticate(request(tt.query), tt.now), tt.status, tt.reason) })
	}
}

func wantRefusal(t *testing.T, err error, status int, reason string) {
	t.Helper()
	if status == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var r *chat.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if r.Status != status || r.Reason != reason {
		t.Errorf("got %d %q, want %d %q", r.Status, r.Reason, status, reason)
	}
}

func TestAuthenticateOverflowingTimeIsTheFuture(t *testing.T) {
	w := NewWebhook(WebhookConfig{SDKAppID: "1", Token: "t"})
	for _, at := range []string{"99999999999999999999", "9223372036854775807"} {
		q := "SdkAppid=1&Sign=" + sign("t", at) + "&RequestTime=" + at
		wantRefusal(t, w.Authenticate(request(q), time.Unix(0, 0)), 401, "request time in the future")
	}
}

func TestAuthenticateInsecure(t *testing.T) {
	now := time.Unix(1669872112, 0)
	open := NewWebhook(WebhookConfig{SDKAppID: "1", Insecure: true})
	wantRefusal(t, open.Authenticate(request("SdkAppid=1"), now), 0, "")
	wantRefusal(t, open.Authenticate(request("SdkAppid=2"), now), 403, "wrong SdkAppid")
	signed := NewWebhook(WebhookConfig{SDKAppID: "1", Insecure: true, Token: "t"})
	wantRefusal(t, signed.Authenticate(request("SdkAppid=1"), now), 401, "missing signature")
	closed := NewWebhook(WebhookConfig{SDKAppID: "1"})
	wantRefusal(t, closed.Authenticate(request("SdkAppid=1"), now), 401, "no token configured")
	nobody := NewWebhook(WebhookConfig{Insecure: true})
	wantRefusal(t, nobody.Authenticate(request("SdkAppid="), now), 403, "missing SdkAppid")
}

func TestAuthenticateAllocatesNothing(t *testing.T) {
	q := queries(t)["group_before_send_text_public.json"]
	w, r, now := testWebhook(), request(q), sentAt(t, q)
	if n := testing.AllocsPerRun(100, func() {
		if err := w.Authenticate(r, now); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
