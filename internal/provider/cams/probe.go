package cams

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/provider"
)

// CodeNoKey is the code of an outcome when no credential could be had.
const CodeNoKey = "credentials"

// Probe makes one call that changes nothing: it asks for the first group of the business number. The
// answer tells whether the credential is known, may list groups, and belongs to the channel, and what
// time it is there. Nothing is repeated.
func (c *Client) Probe(ctx context.Context) provider.Probed {
	p := provider.Probed{API: apiGroups}
	if err := c.wait(ctx, apiGroups, slotNeeded); err != nil {
		p.Outcome = failed(apiGroups, actions.Again, "rate_slot", err).Outcome
		return p
	}
	key, err := c.keys.Get(ctx)
	if err != nil {
		p.Outcome = failed(apiGroups, actions.Auth, CodeNoKey, err).Outcome
		return p
	}
	u := c.endpoint
	u.RawQuery = canonicalQuery(url.Values{
		"BusinessNumber": {c.business}, "CustSpaceId": {c.space}, "ChannelType": {"WHATSAPP"}, "Page": {`{"Index":1,"Size":1}`},
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), http.NoBody)
	if err != nil {
		p.Outcome = failed(apiGroups, actions.Permanent, "request", errors.New("the request cannot be built")).Outcome
		return p
	}
	sent := c.now()
	Sign(r, Signing{Action: apiGroups, Version: apiVersion, Key: key, At: sent, Nonce: newNonce()})
	got, err := c.caller.Do(ctx, apiGroups, r)
	if err != nil {
		c.caller.Count(apiGroups, "error")
		p.Outcome = failed(apiGroups, actions.Again, "error", err).Outcome
		p.Outcome.Down = true
		return p
	}
	p.Skew, p.Timed = provider.SkewOf(got.Header, sent, c.now())
	var a answer
	var list page[GroupInfo]
	if err := json.Unmarshal(got.Body, &a); err != nil {
		a = answer{}
	}
	if got.Status >= http.StatusBadRequest || a.Code != codeOK || json.Unmarshal(a.Data, &list) != nil || list.Total == nil {
		p.Outcome = refusal(apiGroups, got, &a, key).Outcome
		c.caller.Count(apiGroups, p.Outcome.Code)
		return p
	}
	c.caller.Count(apiGroups, codeOK)
	p.Groups, p.Outcome = *list.Total, actions.Outcome{Class: actions.OK, Code: codeOK, RequestID: cut(a.RequestID, 64)}
	return p
}
