package cams

import (
	"context"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func TestWhatTellsThatTheProviderIsDown(t *testing.T) {
	for name, tc := range map[string]struct {
		reply reply
		class actions.Class
		down  bool
	}{
		"no answer":                 {reply{cut: true}, actions.Again, true},
		"unavailable":               {reply{status: 503, body: `{"Code":"ServiceUnavailable"}`}, actions.Again, true},
		"an error within, with 200": {reply{body: `{"Code":"InternalError"}`}, actions.Again, true},
		"a status over 500":         {reply{status: 502, body: `{"Code":"Whatever"}`}, actions.Again, true},
		"Meta's own error":          {reply{status: 500, body: `{"Code":"131000"}`}, actions.Again, true},
		"a page of a proxy":         {reply{status: 502, body: "<html>"}, actions.Again, true},
		"a page with status 200":    {reply{body: "<html>"}, actions.Again, true},
		"one recipient too often":   {reply{body: `{"Code":"131056"}`}, actions.Again, false},
		"a clock that is wrong":     {reply{status: 400, body: `{"Code":"InvalidTimeStamp.Expired"}`}, actions.Again, false},
		"throttled":                 {reply{status: 400, body: `{"Code":"Throttling"}`}, actions.Limited, false},
		"throttled, with 503":       {reply{status: 503, body: `{"Code":"Throttling.Api"}`}, actions.Limited, false},
		"a key that is refused":     {reply{status: 404, body: `{"Code":"InvalidAccessKeyId.NotFound"}`}, actions.Auth, false},
		"refused for good":          {reply{status: 403, body: `{"Code":"NoPermission"}`}, actions.Permanent, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []chat.IntentKind{chat.Remove, chat.Warn, chat.Lockdown, chat.Dissolve} {
				replies := map[string][]reply{}
				for _, api := range []string{apiRemove, apiSay, apiRevoke, apiDissolve} {
					replies[api] = []reply{tc.reply}
				}
				r := newRig(t, replies)
				a := act(kind, "15550100001")
				a.Intent.Reason = "please stop"
				route, err := r.sender.Route(a)
				if err != nil {
					t.Fatal(err)
				}
				if o := r.sender.Send(t.Context(), route, []chat.Action{a})[0]; o.Class != tc.class || o.Down != tc.down {
					t.Errorf("%s: outcome is %+v", kind, o)
				}
			}
		})
	}
}

func TestAConfirmationThatGetsNoAnswer(t *testing.T) {
	throttled := reply{status: 400, body: `{"Code":"Throttling.Api"}`, header: map[string]string{"x-ratelimit-user-api": "TimeLeft:9000"}}
	for name, tc := range map[string]struct {
		list reply
		down bool
		wait time.Duration
		slow string
	}{
		"down":      {reply{status: 503, body: "{}"}, true, confirmAfter, ""},
		"throttled": {throttled, false, 9 * time.Second, "cams " + apiMembers + " 9s"},
		"refused":   {reply{status: 403, body: `{"Code":"NoPermission"}`}, false, confirmAfter, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiMembers: {tc.list}})
			o := r.sender.Send(t.Context(), actions.Route{API: apiRemove, Max: 8}, []chat.Action{act(chat.Remove, "15550100001")})[0]
			if o.Class != actions.Again || o.Code != "unconfirmed" || o.Down != tc.down || o.Wait != tc.wait {
				t.Errorf("outcome is %+v", o)
			}
			if r.gate.slowed != tc.slow {
				t.Errorf("slowed %q, want %q", r.gate.slowed, tc.slow)
			}
		})
	}
}

func TestTheCallerTellsOfRefusalsOfItsOwnSlots(t *testing.T) {
	r := newRig(t, map[string][]reply{apiRemove: {{status: 400, body: `{"Code":"Throttling"}`, header: map[string]string{"x-ratelimit-user": "TimeLeft:700"}}}})
	o := r.sender.Send(t.Context(), actions.Route{API: apiRemove, Max: 8}, []chat.Action{act(chat.Remove, "15550100001")})[0]
	if o.Class != actions.Limited || o.Wait != 700*time.Millisecond || r.gate.slowed != "" {
		t.Errorf("outcome is %+v, slowed %q", o, r.gate.slowed)
	}
}

func TestAStopIsNotTheProvidersFault(t *testing.T) {
	r := newRig(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	o := r.sender.Send(ctx, actions.Route{API: apiRemove, Max: 8}, []chat.Action{act(chat.Remove, "15550100001")})[0]
	if o.Class != actions.Again || o.Down {
		t.Errorf("outcome is %+v", o)
	}
}
