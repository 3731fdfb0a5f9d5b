package acs3

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/groupguard/groupguard/internal/provider/cams"
)

const emptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// wire is what CAMS requests look like: the group calls, and one parameter full of what has to be
// escaped.
func wire() []url.Values {
	common := func(more ...string) url.Values {
		q := url.Values{
			"BusinessNumber": {"15550100099"}, "ChannelType": {"WHATSAPP"}, "CustSpaceId": {"cams-example01"}, "GroupId": {"EA93UU0001"},
		}
		for i := 0; i+1 < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	return []url.Values{
		common(),
		common("Page", `{"Index":1,"Size":20}`),
		common("List", `[{"ParticipantNumber":"15550100001"},{"ParticipantNumber":"15550100002"}]`),
		common("GroupId", "ZXhh+bXBsZS1t/ZXRhLWdyb3VwLTAwMDEZD=="),
		common("GroupId", "120363000000000000@g.us"),
		common("GroupId", "a b*c~d'e(f)!&=%\n\t\u00e9\u6f22\U0001F44D"),
		common("Empty", ""),
	}
}

// authorize signs with our signer.
func authorize(t *testing.T, host string, q url.Values, s cams.Signing) string {
	t.Helper()
	u := url.URL{Scheme: "https", Host: host, Path: "/", RawQuery: q.Encode()}
	r, err := http.NewRequest(http.MethodPost, u.String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	cams.Sign(r, s)
	return r.Header.Get("Authorization")
}

// reference signs with Alibaba's signing function.
func reference(host string, q url.Values, s cams.Signing) string {
	r := dara.NewRequest()
	r.Method, r.Pathname = dara.String("POST"), dara.String("/")
	r.Query = map[string]*string{}
	for name := range q {
		r.Query[name] = dara.String(q.Get(name))
	}
	r.Headers = map[string]*string{
		"host": dara.String(host), "x-acs-action": dara.String(s.Action), "x-acs-version": dara.String(s.Version),
		"x-acs-date": dara.String(s.At.UTC().Format("2006-01-02T15:04:05Z")), "x-acs-signature-nonce": dara.String(s.Nonce),
		"x-acs-content-sha256": dara.String(emptyBody),
	}
	if s.Key.Token != "" {
		r.Headers["x-acs-security-token"] = dara.String(s.Key.Token)
	}
	return dara.StringValue(openapiutil.GetAuthorization(r, dara.String("ACS3-HMAC-SHA256"), dara.String(emptyBody), dara.String(s.Key.ID), dara.String(s.Key.Secret)))
}

func TestSignaturesAreThoseOfTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abcXYZ019-_.~ !\"#$%&'()*+,/:;<=>?@[]{}|\\^`\u00e9\u00df\u6f22\U0001F44D\u200d")
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	requests := wire()
	// Only values are random: the library does not escape names, and those of CAMS are letters.
	for range 500 {
		requests = append(requests, url.Values{"GroupId": {text(40)}, "Page": {text(10)}, "List": {text(20)}})
	}
	for i, q := range requests {
		for _, token := range []string{"", "ExampleToken/+=="} {
			s := cams.Signing{
				Action: "DeleteChatGroupParticipants", Version: "2020-06-06", Nonce: fmt.Sprintf("%032x", i),
				At:  time.Date(2026, 11, 20, 9, 0, i, 0, time.UTC),
				Key: cams.AccessKey{ID: "YourAccessKeyId", Secret: "YourAccessKeySecret", Token: token},
			}
			const host = "cams.ap-southeast-1.aliyuncs.com"
			if got, want := authorize(t, host, q, s), reference(host, q, s); got != want {
				t.Fatalf("request %d (%v): our signature is\n%s, the library's\n%s", i, q, got, want)
			}
		}
	}
}

// TestWhatTheLibrarySendsVerifies captures a call of the library's client and signs the same request
// with the same nonce and date. The library signs two more headers, so they are set before.
func TestWhatTheLibrarySendsVerifies(t *testing.T) {
	for _, token := range []string{"", "ExampleToken/+=="} {
		for _, q := range wire() {
			got, ours := capture(t, q, token)
			if got != ours {
				t.Fatalf("%v: the library sent\n%s, ours is\n%s", q, got, ours)
			}
		}
	}
}

func capture(t *testing.T, q url.Values, token string) (sent, ours string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		again := r.Clone(r.Context())
		for name := range again.Header {
			if low := strings.ToLower(name); !strings.HasPrefix(low, "x-acs-") && low != "content-type" {
				again.Header.Del(name)
			}
		}
		at, err := time.Parse(time.RFC3339, r.Header.Get("x-acs-date"))
		if err != nil {
			t.Errorf("the library sent date %q", r.Header.Get("x-acs-date"))
		}
		cams.Sign(again, cams.Signing{
			Action: r.Header.Get("x-acs-action"), Version: r.Header.Get("x-acs-version"), At: at, Nonce: r.Header.Get("x-acs-signature-nonce"),
			Key: cams.AccessKey{ID: "YourAccessKeyId", Secret: "YourAccessKeySecret", Token: token},
		})
		ours = again.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"Code":"OK","Success":true,"RequestId":"r"}`)
	}))
	defer srv.Close()
	config := &openapi.Config{
		AccessKeyId: dara.String("YourAccessKeyId"), AccessKeySecret: dara.String("YourAccessKeySecret"),
		Protocol: dara.String("http"), Endpoint: dara.String(strings.TrimPrefix(srv.URL, "http://")),
	}
	if token != "" {
		config.SecurityToken = dara.String(token)
	}
	client, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	query := map[string]*string{}
	for name := range q {
		query[name] = dara.String(q.Get(name))
	}
	_, err = client.CallApi(&openapi.Params{
		Action: dara.String("DeleteChatGroupParticipants"), Version: dara.String("2020-06-06"), Protocol: dara.String("HTTP"),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), Pathname: dara.String("/"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapi.OpenApiRequest{Query: query}, &dara.RuntimeOptions{ReadTimeout: dara.Int(5000), ConnectTimeout: dara.Int(5000)})
	if err != nil {
		t.Fatal(err)
	}
	return sent, ours
}
