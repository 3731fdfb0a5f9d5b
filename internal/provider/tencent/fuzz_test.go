package tencent

import (
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

var testReceived = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// samples returns the sample bodies by file name.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(paths) != 39 {
		t.Fatalf("%d samples, want 39 (%v)", len(paths), err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(p)] = b
	}
	return out
}

// compare checks Decode against the reference.
func compare(t *testing.T, body []byte) {
	t.Helper()
	got, err := testWebhook().Decode(nil, body, testReceived)
	want, refErr := refDecode(body, testReceived)
	if (err != nil) != (refErr != nil) {
		t.Fatalf("Decode says %v, the reference %v, of %q", err, refErr, body)
	}
	if err != nil {
		got, want = chat.Delivery{}, chat.Delivery{}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("body %q\n got %+v\nwant %+v", body, got, want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	for _, b := range oddBodies() {
		if len(b.body) < 8<<10 { // the fuzzer spends its time on shrinking what is larger
			f.Add([]byte(b.body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) { compare(t, body) })
}

func TestDecodeEqualsReferenceOnSamples(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) { compare(t, b) })
	}
}

// FuzzScanQuery checks that the scanned parameters are those that net/url finds, for queries that
// use no escapes.
func FuzzScanQuery(f *testing.F) {
	for _, q := range queries(f) {
		f.Add(q)
	}
	f.Add("Sign=&&=&sIgn=a=b&SDKAPPID")
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := scanQuery(raw)
		if strings.ContainsAny(raw, "%+;") {
			return
		}
		all, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		want, fine := map[string]string{}, true
		for k, v := range all {
			for _, name := range []string{"SdkAppid", "Sign", "RequestTime"} {
				if strings.EqualFold(k, name) {
					_, twice := want[name]
					fine = fine && !twice && len(v) == 1
					want[name] = v[0]
				}
			}
		}
		if ok != fine || ok && got != (secured{want["SdkAppid"], want["Sign"], want["RequestTime"]}) {
			t.Fatalf("%q: got %+v, %v; want %v, %v", raw, got, ok, want, fine)
		}
	})
}
