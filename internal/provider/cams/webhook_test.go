package cams

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	testSecret   = "0123456789abcdef"
	testSpace    = "cams-example01"
	testBusiness = "15550100099"
)

// arrival is one second after the time that the samples carry.
var arrival = time.Date(2026, 11, 20, 9, 0, 1, 0, time.UTC)

func testWebhook(keys ...string) *Webhook {
	return NewWebhook(WebhookConfig{
		Secret: testSecret, CustSpaceID: testSpace, BusinessNumber: "+" + testBusiness, GroupKeys: keys, Registerer: prometheus.NewRegistry(),
	})
}

func decode(t *testing.T, w *Webhook, body string) chat.Delivery {
	t.Helper()
	d, err := w.Decode(nil, []byte(body), arrival)
	if err != nil {
		t.Fatalf("decoding %.200s: %v", body, err)
	}
	return d
}

func sample(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAuthenticate(t *testing.T) {
	for name, tc := range map[string]struct {
		config WebhookConfig
		path   string
		let    bool
	}{
		"right secret":                     {WebhookConfig{Secret: testSecret}, "/webhook/cams/" + testSecret, true},
		"wrong secret":                     {WebhookConfig{Secret: testSecret}, "/webhook/cams/0123456789abcdeg", false},
		"start of the secret":              {WebhookConfig{Secret: testSecret}, "/webhook/cams/0123", false},
		"secret and more":                  {WebhookConfig{Secret: testSecret}, "/webhook/cams/" + testSecret + "0", false},
		"secret in another segment":        {WebhookConfig{Secret: testSecret}, "/webhook/" + testSecret + "/cams", false},
		"secret with a slash behind":       {WebhookConfig{Secret: testSecret}, "/webhook/cams/" + testSecret + "/", false},
		"no secret given":                  {WebhookConfig{Secret: testSecret}, "/webhook/cams/", false},
		"none set":                         {WebhookConfig{}, "/webhook/cams/", false},
		"none set, insecure":               {WebhookConfig{Insecure: true}, "/webhook/cams/anything", true},
		"insecure with a secret, wrong":    {WebhookConfig{Secret: testSecret, Insecure: true}, "/webhook/cams/anything", false},
		"insecure with a secret, right":    {WebhookConfig{Secret: testSecret, Insecure: true}, "/webhook/cams/" + testSecret, true},
		"secret only as a query parameter": {WebhookConfig{Secret: testSecret}, "/webhook/cams/x?" + testSecret, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := NewWebhook(tc.config).Authenticate(httptest.NewRequest(http.MethodPost, tc.path, http.NoBody), arrival)
			if (err == nil) != tc.let {
				t.Fatalf("Authenticate gives %v, let in should be %v", err, tc.let)
			}
			if refusal := (*chat.Refusal)(nil); err != nil && (!errors.As(err, &refusal) || refusal.Status != http.StatusNotFound) {
				t.Fatalf("Authenticate gives %v, want a refusal with 404", err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	w := testWebhook()
	if got := string(w.Answer(chat.Delivery{}, nil)); got != `{"code":0,"msg":"ok"}` {
		t.Errorf("Answer is %s", got)
	}
	if got := string(w.Refuse(503, `store "away"`)); got != `{"code":503,"msg":"store \"away\""}` {
		t.Errorf("Refuse is %s", got)
	}
	if w.Provider() != chat.CAMS {
		t.Errorf("Provider is %s", w.Provider())
	}
}

func TestForeignItemsAreCountedAndTheFirstIsWarnedOf(t *testing.T) {
	space, to := push(map[string]any{"CustSpaceId": "cams-other"}), push(map[string]any{"To": "15550100098"})
	meta := strings.ReplaceAll(sample(t, "meta_participants_add.json"), testBusiness, "15550100098")
	for name, tc := range map[string]struct {
		bodies []string
		name   string // of the last delivery
		count  float64
		warns  string // the setting
	}{
		"another channel":           {[]string{space}, ignored, 1, settingSpace},
		"another business number":   {[]string{to}, ignored, 1, settingBusiness},
		"another number, as Meta":   {[]string{meta}, ignored, 1, settingBusiness},
		"several":                   {[]string{space, to, meta, push(nil)}, inbound, 3, settingSpace},
		"ours":                      {[]string{push(nil), sample(t, "meta_participants_add.json")}, groupUpdate, 0, ""},
		"neither named":             {[]string{push(map[string]any{"CustSpaceId": nil, "To": nil})}, inbound, 0, ""},
		"a receipt of our own side": {[]string{`[{"MessageId":"1","Status":"Read","To":"15550100001","CustSpaceId":"` + testSpace + `"}]`}, status, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			w := NewWebhook(WebhookConfig{
				CustSpaceID: testSpace, BusinessNumber: testBusiness, Registerer: prometheus.NewRegistry(), Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			silent := testWebhook()
			for i, body := range tc.bodies {
				d := decode(t, w, body)
				decode(t, silent, body)
				if i == len(tc.bodies)-1 && d.Name != tc.name {
					t.Errorf("the delivery is called %q, want %q", d.Name, tc.name)
				}
			}
			if got, quiet := testutil.ToFloat64(w.Foreign), testutil.ToFloat64(silent.Foreign); got != tc.count || quiet != tc.count {
				t.Errorf("%v and, without a log, %v items are foreign, want %v", got, quiet, tc.count)
			}
			lines := strings.Count(log.String(), "\n")
			if tc.warns == "" && lines != 0 || tc.warns != "" && (lines != 1 || !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "setting="+tc.warns)) {
				t.Errorf("the log is %q", log.String())
			}
			for _, value := range []string{"cams-other", "15550100098", "15550100001", "hi\""} {
				if strings.Contains(log.String(), value) {
					t.Errorf("the log repeats %s of the push: %s", value, log.String())
				}
			}
		})
	}
}

func TestBodiesThatAreNoPushAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"empty":                         "",
		"not json":                      "hello",
		"cut off":                       `[{"MessageId":"1"`,
		"second document":               sample(t, "inbound_text.json") + `{}`,
		"second array":                  `[] []`,
		"number":                        "17",
		"null":                          "null",
		"string that is no json":        `"hello"`,
		"trailing comma":                `[{"MessageId":"1",}]`,
		"only numbers":                  `[1,2]`,
		"an item nested too deep":       `[{"X":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}]`,
		"Meta's shape with a key twice": `[{"object":"whatsapp_business_account","entry":[],"Entry":[]}]`,
		"nested too deep":               strings.Repeat("[", 65) + strings.Repeat("]", 65),
		"strings in strings":            `"\"\\\"\\\\\\\"\\\\\\\\\\\\\\\"[]\\\\\\\\\\\\\\\"\\\\\\\"\\\"\""`,
		"group named twice":             `[{"MessageId":"1","From":"1555","Type":"TEXT","Message":"x","GroupId":"A","groupid":"B"}]`,
		"member named twice":            `{"MessageId":"1","From":"1555","from ":"1666","Type":"TEXT","Message":"x","GroupId":"A"}`,
		"same key twice":                `{"MessageId":"1","From":"1555","From":"1666","Type":"TEXT","Message":"x","GroupId":"A"}`,
		"too many items":                "[" + strings.Repeat("{},", maxItems) + "{}]",
		"too many values":               `[{"a":[` + strings.Repeat("0,", maxValues) + "0]}]",
		"envelope with a key twice":     `{"data":[],"Data":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := testWebhook().Decode(nil, []byte(body), arrival)
			refusal := (*chat.Refusal)(nil)
			if !errors.As(err, &refusal) || refusal.Status != http.StatusBadRequest {
				t.Fatalf("Decode gives %+v, %v; want a refusal with 400", d, err)
			}
		})
	}
}

func TestBodiesWithoutMessagesAreAccepted(t *testing.T) {
	for name, body := range map[string]string{
		"empty array": "[]", "empty object": "{}", "unknown notice": `[{"NoticeType":"new","X":1}]`,
		"deepest allowed": `[{"X":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}]`,
		"data as text":    `{"data":"hello"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if d := decode(t, testWebhook(), body); d.Name != ignored || len(d.Events) != 0 {
				t.Fatalf("Decode gives %+v", d)
			}
		})
	}
}
