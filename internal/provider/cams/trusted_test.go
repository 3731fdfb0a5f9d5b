package cams

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

// Each row is what CAMS answers to one call after the other, and whether the credentials are shown as good
// after the last of them.
func TestCredentialsAreShownAsCAMSTakesThem(t *testing.T) {
	var (
		good    = reply{body: okAnswer}
		ended   = reply{status: 403, body: `{"Code":"InvalidSecurityToken.Expired"}`}
		retired = reply{status: 400, body: `{"Code":"InvalidAccessKeyId.Inactive"}`}
		wrong   = reply{status: 400, body: sample(t, "api_error_signature.json")}
		meta    = reply{body: `{"Code":"131041","Message":"no such group"}`}
		busy    = reply{status: 503, body: sample(t, "api_error_service_unavailable.json")}
		denied  = reply{status: 403, body: sample(t, "api_error_no_permission.json")}
		cut     = reply{cut: true}
	)
	for name, tt := range map[string]struct {
		replies []reply
		calls   int
		good    float64
	}{
		"nothing was called yet":            {nil, 0, 1},
		"success":                           {[]reply{good}, 1, 1},
		"a token that was renewed in time":  {[]reply{ended, good}, 1, 1},
		"a token that is refused again":     {[]reply{ended, ended}, 1, 0},
		"a key that was switched off":       {[]reply{retired}, 1, 0},
		"another secret":                    {[]reply{wrong}, 1, 0},
		"no answer says nothing of them":    {[]reply{retired, cut}, 2, 0},
		"nor does a service that is away":   {[]reply{retired, busy}, 2, 0},
		"an answer of WhatsApp shows them":  {[]reply{retired, meta}, 2, 1},
		"no right says nothing of them":     {[]reply{good, denied}, 2, 1},
		"whether they were good or not":     {[]reply{retired, denied}, 2, 0},
		"success after a refusal":           {[]reply{retired, good}, 2, 1},
		"a failure that is not about them ": {[]reply{good, busy}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, reg := newRig(t, map[string][]reply{apiDissolve: tt.replies}), prometheus.NewRegistry()
			r.client.caller = provider.NewCaller(reg, "cams")
			for range tt.calls {
				_, _, _ = r.client.DeleteChatGroup(t.Context(), "G1")
			}
			if got := gauge(t, reg, "groupguard_credentials_ok"); got != tt.good {
				t.Errorf("shown as %v, want %v", got, tt.good)
			}
		})
	}
}

func TestNoCredentialIsShown(t *testing.T) {
	r, reg := newRig(t, nil), prometheus.NewRegistry()
	r.client.caller = provider.NewCaller(reg, "cams")
	r.client.keys = NewCredentials(func() (func() (AccessKey, error), error) { return nil, errors.New("away") }, time.Now)
	_, _, _ = r.client.DeleteChatGroup(t.Context(), "G1")
	if got := gauge(t, reg, "groupguard_credentials_ok"); got != 0 {
		t.Errorf("shown as %v", got)
	}
}

// gauge returns the one value of a metric.
func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name && len(f.GetMetric()) == 1 {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	n, _ := testutil.GatherAndCount(reg, name)
	t.Fatalf("%s has %d series", name, n)
	return 0
}

// A signature that is refused although the key was good a moment ago is about the one call: it is given up
// one day, and the key's other calls go on.
func TestAWrongSignatureUnderAGoodKeyIsTheCallsOwnFault(t *testing.T) {
	refusal := reply{status: 400, body: sample(t, "api_error_signature.json")}
	r := newRig(t, map[string][]reply{apiRemove: {{body: okAnswer}, refusal}})
	remove := func() error {
		_, err := r.client.DeleteChatGroupParticipants(t.Context(), "G1", []chat.MemberID{"15550100001"})
		return err
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	var fault *CallError
	if err := remove(); !errors.As(err, &fault) || fault.Outcome.Class != actions.Again {
		t.Errorf("after a good call: %v", fault)
	}
	if n := len(r.fake.made()); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}
