package tencent

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/actions"
)

// maxOutcomeText bounds what is kept of a provider's text.
const maxOutcomeText = 300

// Codes of outcomes that are ours and not Tencent's.
const (
	outNoAnswer  = "error"
	outBadAnswer = "bad_answer"
	outSigning   = "signing"
	outNoSlot    = "no_slot"
)

// status is what every answer holds (34620). HTTP says 200 whatever happens.
type status struct {
	ActionStatus string `json:"ActionStatus"`
	ErrorCode    *int   `json:"ErrorCode"`
	ErrorInfo    string `json:"ErrorInfo"`
}

// call makes one call whose slot has been taken, and reads its answer into out when there is one.
// A UserSig that has expired is renewed and the call repeated, once: nothing else would cure it.
func (s *Sender) call(ctx context.Context, api string, in, out any) actions.Outcome {
	return s.callIf(ctx, api, in, out, func() bool { return true })
}

// callIf is call, and asks whether the call still may be made before it is repeated: the slot for that
// may have taken long.
func (s *Sender) callIf(ctx context.Context, api string, in, out any, may func() bool) actions.Outcome {
	o := s.twice(ctx, api, in, out, may)
	switch _, err := strconv.Atoi(o.Code); {
	case o.Class == actions.Auth:
		s.caller.Refused()
	case err == nil: // a code of Tencent's
		s.caller.Trusted()
	}
	return o
}

// twice makes a call, and once more with a new UserSig when that is what Tencent asks for.
func (s *Sender) twice(ctx context.Context, api string, in, out any, may func() bool) actions.Outcome {
	body, err := json.Marshal(in)
	if err != nil {
		return actions.Outcome{Class: actions.Permanent, Code: outBadAnswer, Text: "encoding the request"}
	}
	sig, err := s.signer.Sig()
	if err != nil {
		return actions.Outcome{Class: actions.Auth, Code: outSigning, Text: err.Error()}
	}
	o := s.paced(ctx, api, s.post(ctx, api, sig, body, out))
	if o.Code != strconv.Itoa(codeSigExpired) {
		return o
	}
	s.signer.Drop(sig)
	if sig, err = s.signer.Sig(); err != nil {
		return actions.Outcome{Class: actions.Auth, Code: outSigning, Text: err.Error()}
	}
	if failed, ok := s.slot(ctx, api); !ok {
		return failed
	}
	if !may() {
		return stopped()
	}
	return s.paced(ctx, api, s.post(ctx, api, sig, body, out))
}

// paced slows the API down when its call was refused for its rate. The caller of Send slows the API
// that it knows of, and this may be another one. It is told the outcome in any case, so a limiter that
// does not answer is no failure here.
func (s *Sender) paced(ctx context.Context, api string, o actions.Outcome) actions.Outcome {
	if o.Class == actions.Limited {
		_ = s.gate.Slow(ctx, api, max(o.Wait, groupPause))
	}
	return o
}

// slot waits until one more call of an API may be made.
func (s *Sender) slot(ctx context.Context, api string) (actions.Outcome, bool) {
	if err := s.gate.Wait(ctx, api, s.rate); err != nil {
		return actions.Outcome{Class: actions.Again, Code: outNoSlot, Text: s.clean(err.Error(), "")}, false
	}
	return actions.Outcome{}, true
}

// post makes one HTTP call. The URL holds the UserSig, so no error that repeats it gets out.
func (s *Sender) post(ctx context.Context, api, sig string, body []byte, out any) actions.Outcome {
	q := "?sdkappid=" + url.QueryEscape(s.appID) + "&identifier=" + url.QueryEscape(s.identifier) +
		"&usersig=" + url.QueryEscape(sig) + "&random=" + strconv.FormatUint(uint64(rand.Uint32()), 10) +
		"&contenttype=json"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/v4/group_open_http_svc/"+api+q, bytes.NewReader(body))
	if err != nil {
		return actions.Outcome{Class: actions.Again, Code: outNoAnswer, Text: "building the request for " + api}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	got, err := s.caller.Do(ctx, api, req)
	if err != nil {
		o := s.unknown(api, outNoAnswer, s.clean(err.Error(), sig))
		o.Down = ctx.Err() == nil // else it is we who gave up
		return o
	}
	if got.Status != http.StatusOK {
		o := s.unknown(api, "http_"+strconv.Itoa(got.Status), "the answer of "+api+" has HTTP status "+strconv.Itoa(got.Status))
		o.Down = got.Status >= http.StatusInternalServerError
		return o
	}
	var st status
	if err := json.Unmarshal(got.Body, &st); err != nil || st.ErrorCode == nil {
		return s.unknown(api, outBadAnswer, "the answer of "+api+" is not the JSON that is documented")
	}
	if *st.ErrorCode == 0 && st.ActionStatus != "OK" {
		return s.unknown(api, outBadAnswer, "the answer of "+api+" says neither success nor which error")
	}
	if out != nil {
		if err := json.Unmarshal(got.Body, out); err != nil {
			return s.unknown(api, outBadAnswer, "the answer of "+api+" is not the JSON that is documented")
		}
	}
	s.caller.Count(api, strconv.Itoa(*st.ErrorCode))
	return s.outcome(*st.ErrorCode, st.ErrorInfo, sig)
}

// unknown is the outcome of a call of which we do not know what became.
func (s *Sender) unknown(api, code, text string) actions.Outcome {
	s.caller.Count(api, code)
	return actions.Outcome{Class: actions.Again, Code: code, Text: text}
}

// outcome says what an error code means for the actions of its call.
func (s *Sender) outcome(code int, text, sig string) actions.Outcome {
	return actions.Outcome{
		Class: classOf(code), Wait: pauseOf(code), Code: strconv.Itoa(code), Text: s.clean(text, sig), Down: internal(code),
	}
}

// clean makes a foreign text fit to be stored and logged: bounded, and without our secrets, should
// an answer repeat the request.
func (s *Sender) clean(text, sig string) string {
	for _, secret := range []string{sig, url.QueryEscape(sig), s.key} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return cut(strings.ToValidUTF8(text, "\ufffd"), maxOutcomeText)
}
