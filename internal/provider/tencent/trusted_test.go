package tencent

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// Each row is what Tencent answers to one call after the other, and whether the credentials are shown as
// good after the last of them.
func TestCredentialsAreShownAsTencentTakesThem(t *testing.T) {
	cut := func(w http.ResponseWriter) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	}
	sick := func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }
	for _, tt := range []struct {
		name    string
		answers []func(http.ResponseWriter)
		sends   int
		good    string
	}{
		{"nothing was called yet", nil, 0, "1"},
		{"success", []func(http.ResponseWriter){code(0)}, 1, "1"},
		{"a signature that was renewed in time", []func(http.ResponseWriter){code(70001), code(0)}, 1, "1"},
		{"a signature that is refused again", []func(http.ResponseWriter){code(70001), code(70001)}, 1, "0"},
		{"a wrong key", []func(http.ResponseWriter){code(70003)}, 1, "0"},
		{"an address that is not on the list", []func(http.ResponseWriter){code(60021)}, 1, "0"},
		{"no answer says nothing of them", []func(http.ResponseWriter){code(70003), cut}, 2, "0"},
		{"nor does a page in between", []func(http.ResponseWriter){code(70003), sick}, 2, "0"},
		{"a refusal for another reason shows that they are good", []func(http.ResponseWriter){code(70003), code(10007)}, 2, "1"},
		{"success after a refusal", []func(http.ResponseWriter){code(70003), code(0)}, 2, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) { f.answers[apiDestroy] = tt.answers })
			for range tt.sends {
				r.sendAll(t, []chat.Action{act(chat.Dissolve, chat.Public, "")})
			}
			want := `# HELP groupguard_credentials_ok 1, or 0 while a provider refuses the credentials (or Tencent what their account may do), or while none can be had.
# TYPE groupguard_credentials_ok gauge
groupguard_credentials_ok{provider="tencent"} ` + tt.good + "\n"
			if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), "groupguard_credentials_ok"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestABatchIsMeasuredByWhomTheCallNames(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles["olga"] = "Owner" })
	r.sendAll(t, removals("", "ann", "bob", "olga"))
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "groupguard_batch_members" {
			continue
		}
		h := f.GetMetric()[0]
		if h.GetHistogram().GetSampleCount() != 1 || h.GetHistogram().GetSampleSum() != 2 || h.GetLabel()[0].GetValue() != apiKick {
			t.Errorf("got %v, want one kick of two: the owner is not in it", h)
		}
		return
	}
	t.Error("nothing was measured")
}
