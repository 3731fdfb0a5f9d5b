package tencent

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// signedAt returns a query that Tencent would have signed at a time.
func signedAt(at time.Time) string {
	ts := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256([]byte(testToken + ts))
	return "SdkAppid=" + testAppID + "&Sign=" + hex.EncodeToString(sum[:]) + "&RequestTime=" + ts
}

func TestOnlyTheOwnerOfTheTokenMovesTheSkew(t *testing.T) {
	now := time.Unix(1_795_165_200, 0)
	for _, tt := range []struct {
		name  string
		query string
		let   bool
		want  float64 // from 7 before the request
	}{
		{"our clock is ahead", signedAt(now.Add(-40 * time.Second)), true, 40},
		{"our clock is behind", signedAt(now.Add(30 * time.Second)), true, -30},
		{"refused as stale", signedAt(now.Add(-time.Hour)), false, 3600},
		{"refused as from the future", signedAt(now.Add(time.Hour)), false, -3600},
		{"sent again after a day", signedAt(now.Add(-24 * time.Hour)), false, 7},
		{"forged", strings.Replace(signedAt(now.Add(-time.Minute)), "Sign=", "Sign=0", 1), false, 7},
		{"unsigned", "SdkAppid=" + testAppID + "&RequestTime=1", false, 7},
		{"signed for another time", signedAt(now) + "0", false, 7},
		{"of another application", strings.Replace(signedAt(now), testAppID, "1400000001", 1), false, 7},
		{"with the time twice", signedAt(now) + "&RequestTime=1", false, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := testWebhook()
			if err := w.Authenticate(request(signedAt(now)), now.Add(7*time.Second)); err != nil {
				t.Fatal(err)
			}
			if err := w.Authenticate(request(tt.query), now); (err == nil) != tt.let {
				t.Errorf("let in: %v", err)
			}
			if got := testutil.ToFloat64(w.skew.vec); got != tt.want {
				t.Errorf("the skew is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWithoutARightSignatureThereIsNoSkew(t *testing.T) {
	reg := prometheus.NewRegistry()
	open := NewWebhook(WebhookConfig{SDKAppID: testAppID, Insecure: true, Registerer: reg})
	if err := open.Authenticate(request(signedAt(time.Unix(1, 0))), time.Unix(100, 0)); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(reg); n != 0 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}
