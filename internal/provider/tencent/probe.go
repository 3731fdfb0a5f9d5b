package tencent

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/provider"
)

// apiGroups lists the application's groups and may be called once a second (34960).
const (
	apiGroups  = "get_appid_group_list"
	groupCalls = 1
)

// Probe makes one call that changes nothing: it asks for one group of the application. The answer
// tells whether the SDKAppID, the key, the identifier and the region belong together, and what time
// it is there.
func (s *Sender) Probe(ctx context.Context) provider.Probed {
	p := provider.Probed{API: apiGroups}
	if err := s.gate.Wait(ctx, apiGroups, groupCalls); err != nil {
		p.Outcome = actions.Outcome{Class: actions.Again, Code: outNoSlot, Text: s.clean(err.Error(), "")}
		return p
	}
	sig, err := s.signer.Sig()
	if err != nil {
		p.Outcome = actions.Outcome{Class: actions.Auth, Code: outSigning, Text: s.clean(err.Error(), "")}
		return p
	}
	q := url.Values{
		"sdkappid": {s.appID}, "identifier": {s.identifier}, "usersig": {sig},
		"random": {strconv.FormatUint(uint64(rand.Uint32()), 10)}, "contenttype": {"json"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/v4/group_open_http_svc/"+apiGroups+"?"+q.Encode(),
		bytes.NewReader([]byte(`{"Limit":1,"Next":0}`)))
	if err != nil {
		p.Outcome = s.unknown(apiGroups, outNoAnswer, "building the request")
		return p
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	sent := s.now()
	got, err := s.caller.Do(ctx, apiGroups, req)
	if err != nil {
		p.Outcome = s.unknown(apiGroups, outNoAnswer, s.clean(err.Error(), sig))
		p.Outcome.Down = true
		return p
	}
	p.Skew, p.Timed = provider.SkewOf(got.Header, sent, s.now())
	p.Groups, p.Outcome = s.probed(got, sig)
	return p
}

// probed reads the answer to a probe.
func (s *Sender) probed(got provider.Answer, sig string) (groups int, o actions.Outcome) {
	var said struct {
		status
		TotalCount int
	}
	switch err := json.Unmarshal(got.Body, &said); {
	case got.Status != http.StatusOK:
		code := "http_" + strconv.Itoa(got.Status)
		return 0, s.unknown(apiGroups, code, "the answer has HTTP status "+strconv.Itoa(got.Status))
	case err != nil || said.ErrorCode == nil || *said.ErrorCode == 0 && said.ActionStatus != "OK":
		return 0, s.unknown(apiGroups, outBadAnswer, "the answer is not the JSON that is documented")
	}
	s.caller.Count(apiGroups, strconv.Itoa(*said.ErrorCode))
	return said.TotalCount, s.outcome(*said.ErrorCode, said.ErrorInfo, sig)
}
