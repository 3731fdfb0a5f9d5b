package cams

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/sim"
)

// noKeys has none to give.
type noKeys struct{ fixedKey }

func (noKeys) Get(context.Context) (AccessKey, error) { return AccessKey{}, errors.New("none is set") }

func TestProbeTellsWhatIsWrongWithTheChannel(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ClientConfig)
		keys   func(sim.CAMSOptions) Keys
		code   string
	}{
		"nothing":     {code: codeOK},
		"the channel": {change: func(c *ClientConfig) { c.CustSpaceID = "cams-other" }, code: "Authentication.NoAuth"},
		"the number":  {change: func(c *ClientConfig) { c.BusinessNumber = "15550100098" }, code: "InvalidParameter.PhoneNumberError"},
		"the address": {change: func(c *ClientConfig) { c.Endpoint = "http://127.0.0.1:1" }, code: "error"},
		"no key":      {keys: func(sim.CAMSOptions) Keys { return noKeys{} }, code: CodeNoKey},
		"another key": {keys: func(sim.CAMSOptions) Keys { return fixedKey{AccessKey{ID: "other", Secret: "secret-of-another"}} }, code: "InvalidAccessKeyId.NotFound"},
		"another secret": {keys: func(o sim.CAMSOptions) Keys {
			return fixedKey{AccessKey{ID: o.AccessKeyID, Secret: "secret-of-another"}}
		}, code: "SignatureDoesNotMatch"},
	} {
		fake := sim.New(sim.Options{})
		web := httptest.NewServer(fake.Handler())
		o := fake.Options().CAMS
		for _, id := range []string{"wa1", "wa2", "wa3"} {
			if err := fake.World().AddGroup(sim.Group{Provider: sim.CAMS, ID: id, Type: sim.WhatsApp}); err != nil {
				t.Fatal(err)
			}
		}
		cfg := ClientConfig{CustSpaceID: o.CustSpaceID, BusinessNumber: o.BusinessNumber, Endpoint: web.URL, CallsPerSecond: 5}
		if tt.change != nil {
			tt.change(&cfg)
		}
		keys := Keys(fixedKey{AccessKey{ID: o.AccessKeyID, Secret: o.AccessKeySecret}})
		if tt.keys != nil {
			keys = tt.keys(o)
		}
		caller := provider.NewCaller(prometheus.NewRegistry(), "cams")
		client, err := NewClient(cfg, caller, actions.Gate{Limiter: &actions.LocalLimiter{}, Account: "cams"}, keys, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		p := client.Probe(t.Context())
		if p.Outcome.Code != tt.code || (p.Outcome.Class == actions.OK) != (tt.code == codeOK) || p.API != apiGroups {
			t.Errorf("%s: %+v", name, p)
		}
		if tt.code == codeOK && p.Groups != 3 {
			t.Errorf("%s: %d groups", name, p.Groups)
		}
		if strings.Contains(p.Outcome.Text, "secret-of-another") {
			t.Errorf("%s: the text holds the secret: %s", name, p.Outcome.Text)
		}
		if called := tt.code != "error" && tt.code != CodeNoKey; p.Timed != called {
			t.Errorf("%s: the clock is known: %v", name, p.Timed)
		}
		caller.Close()
		web.Close()
		fake.Close()
	}
}
