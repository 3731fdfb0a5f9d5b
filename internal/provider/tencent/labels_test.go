package tencent

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// What a request can be counted under is known before any arrives.
func TestLabelsAreAllThatOccur(t *testing.T) {
	now := time.Unix(1_795_165_200, 0)
	good := signedAt(now)
	w := testWebhook()
	events, reasons := w.Labels()
	found := map[string]bool{}
	for _, query := range []string{
		good + "&Sign=1", strings.Replace(good, "SdkAppid", "x", 1), strings.Replace(good, testAppID, "1", 1),
		strings.Replace(good, "Sign", "x", 1), strings.Replace(good, "RequestTime", "x", 1), good + "x", good + "0",
		signedAt(now.Add(time.Hour)), signedAt(now.Add(-time.Hour)),
	} {
		var refusal *chat.Refusal
		if err := w.Authenticate(request(query), now); !errors.As(err, &refusal) || !slices.Contains(reasons, refusal.Reason) {
			t.Errorf("%v is not among %q", err, reasons)
		} else {
			found[refusal.Reason] = true
		}
	}
	if len(found) != len(reasons) {
		t.Errorf("found %v, want all of %q", found, reasons)
	}
	for _, name := range []string{nameMessage, nameBeforeMessage, nameJoin, nameBeforeJoin, nameLeave, nameIgnored} {
		if !slices.Contains(events, name) {
			t.Errorf("%s is not among %q", name, events)
		}
	}
}
