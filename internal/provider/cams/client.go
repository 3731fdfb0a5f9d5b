package cams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
)

// ClientConfig names one channel and how fast it may be called.
type ClientConfig struct {
	CustSpaceID    string
	BusinessNumber string // with or without a plus sign; sent as digits
	Endpoint       string // a URL such as https://cams.ap-southeast-1.aliyuncs.com
	CallsPerSecond int    // per API
}

// Keys gives credentials. *Credentials is one.
type Keys interface {
	Get(ctx context.Context) (AccessKey, error)
	Invalidate(used AccessKey)
}

// Client makes the group calls of one channel. It repeats a request only where the gateway asks
// for another signature or another credential, and then once; retries are the dispatcher's.
type Client struct {
	space    string
	business string
	endpoint url.URL
	rate     int
	caller   *provider.Caller
	gate     actions.Gate
	keys     Keys
	now      func() time.Time
	patient  map[string]chan struct{}  // per API, held by the look that asks for a slot
	proven   atomic.Pointer[AccessKey] // the key of the last call that the gateway let pass
}

// NewClient returns a Client. The gate is asked for every call that a method does not document as
// taken.
func NewClient(c ClientConfig, caller *provider.Caller, gate actions.Gate, keys Keys, now func() time.Time) (*Client, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("reading the CAMS endpoint %q: not an http or https URL", c.Endpoint)
	}
	business := number(c.BusinessNumber)
	if business == "" || c.CustSpaceID == "" {
		return nil, errors.New("a CAMS client needs a CustSpaceId and a business number in digits")
	}
	return &Client{
		space: c.CustSpaceID, business: business, endpoint: url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"},
		rate: max(c.CallsPerSecond, 1), caller: caller, gate: gate, keys: keys, now: now,
		patient: map[string]chan struct{}{apiMembers: make(chan struct{}, 1), apiGroups: make(chan struct{}, 1)},
	}, nil
}

// answer is what a call returned. AccessDeniedDetail is a string in most answers and an object in a
// refusal of the gateway, so it stays raw.
type answer struct {
	Code               string
	Message            string
	RequestID          string `json:"RequestId"`
	Success            json.RawMessage
	Result             json.RawMessage
	Data               json.RawMessage
	AccessDeniedDetail json.RawMessage
}

// confirmed tells whether the answer is an unambiguous success. Official samples print Success
// false beside Code OK, with impossible numbers, so that pair proves nothing either way.
func (a *answer) confirmed() bool { return strings.Trim(string(a.Success), `"`) != "false" }

// did tells whether an answer says beyond doubt that something was done: success, and at least one
// row in Result. Result counts rows of a database and not what happened at WhatsApp, so that 0, and
// what is not a number, proves nothing either way. An answer without it counts when it says success.
func (a *answer) did() bool {
	if len(a.Result) == 0 || string(a.Result) == "null" {
		return strings.Trim(string(a.Success), `"`) == "true"
	}
	rows, err := strconv.Atoi(strings.Trim(string(a.Result), `"`))
	return a.confirmed() && err == nil && rows > 0
}

// CallError is a call that did not succeed.
type CallError struct {
	API     string
	Outcome actions.Outcome
	Meta    string // Meta's code, where the answer carries one
}

func (e *CallError) Error() string {
	return fmt.Sprintf("calling %s: %s: %s", e.API, e.Outcome.Code, e.Outcome.Text)
}

// call makes one call of a group operation. An error is a *CallError.
func (c *Client) call(ctx context.Context, api string, params url.Values, s slot) (*answer, error) {
	params.Set("BusinessNumber", c.business)
	params.Set("CustSpaceId", c.space)
	params.Set("ChannelType", "WHATSAPP")
	return c.invoke(ctx, api, params, s)
}

// invoke makes one call with the parameters as they are. An error is a *CallError.
func (c *Client) invoke(ctx context.Context, api string, params url.Values, s slot) (*answer, error) {
	a, fault := c.twice(ctx, api, params, s)
	if fault == nil {
		c.caller.Trusted()
		return a, nil
	}
	switch {
	case fault.Outcome.Class == actions.Auth:
		c.caller.Refused()
	case fault.Meta != "": // the gateway let the call pass
		c.caller.Trusted()
	}
	return nil, fault
}

// twice makes one call, and once more with what the gateway asks for.
func (c *Client) twice(ctx context.Context, api string, params url.Values, s slot) (*answer, *CallError) {
	signedAnew, rekeyed := false, false
	for turn := s; ; {
		if turn != slotTaken {
			if err := c.wait(ctx, api, turn); err != nil {
				return nil, failed(api, actions.Again, "rate_slot", fmt.Errorf("waiting for a rate slot: %w", err))
			}
		}
		key, err := c.keys.Get(ctx)
		if err != nil {
			class := actions.Auth
			if ctx.Err() != nil {
				class = actions.Again
			}
			return nil, failed(api, class, "credentials", err)
		}
		a, fault := c.attempt(ctx, api, params, key)
		switch {
		case fault == nil:
			c.proven.Store(&key)
			return a, nil
		case fault.Outcome.Code == codeWrongSecret && c.isProven(key):
			fault.Outcome.Class = actions.Again
			c.slow(ctx, api, s, fault)
			return nil, fault
		case wantsNewSignature(fault.Outcome.Code) && !signedAnew:
			signedAnew = true
		case wantsNewKey(fault.Outcome.Code) && !rekeyed:
			rekeyed = true
			c.keys.Invalidate(key)
		default:
			if fault.Meta != "" { // the gateway let the call pass
				c.proven.Store(&key)
			}
			c.slow(ctx, api, s, fault)
			return nil, fault
		}
		turn = max(s, slotNeeded)
	}
}

// isProven tells whether the gateway has taken a signature with this key. When it refuses one then, this
// call is at fault and not the key: it is given up one day, and does not keep the others waiting.
func (c *Client) isProven(key AccessKey) bool {
	last := c.proven.Load()
	return last != nil && last.ID == key.ID && last.Secret == key.Secret && last.Token == key.Token
}

// attempt signs and sends once.
func (c *Client) attempt(ctx context.Context, api string, params url.Values, key AccessKey) (*answer, *CallError) {
	u := c.endpoint
	u.RawQuery = canonicalQuery(params)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), http.NoBody)
	if err != nil {
		return nil, failed(api, actions.Permanent, "request", errors.New("the request cannot be built"))
	}
	Sign(r, Signing{Action: api, Version: apiVersion, Key: key, At: c.now(), Nonce: newNonce()})
	got, err := c.caller.Do(ctx, api, r)
	if err != nil {
		c.caller.Count(api, "error")
		fault := failed(api, actions.Again, "error", err)
		fault.Outcome.Down = ctx.Err() == nil
		return nil, fault
	}
	var a answer
	if err := json.Unmarshal(got.Body, &a); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			a = answer{} // a page of a proxy, or half an answer: the status is all there is
		}
	}
	if got.Status < 400 && a.Code == codeOK {
		c.caller.Count(api, codeOK)
		return &a, nil
	}
	fault := refusal(api, got, &a, key)
	c.caller.Count(api, fault.Outcome.Code)
	return nil, fault
}

// refusal makes an error of an answer that says no, or says nothing.
func refusal(api string, got provider.Answer, a *answer, key AccessKey) *CallError {
	e := &CallError{API: api, Meta: metaCode(a.Code, a.Message)}
	e.Outcome = actions.Outcome{
		Class: classOf(got.Status, a.Code, e.Meta), Code: cut(a.Code, 64), Text: textOf(a, key), RequestID: cut(a.RequestID, 64),
	}
	e.Outcome.Down = e.Outcome.Class == actions.Again && down(got.Status, a.Code)
	if e.Outcome.Class == actions.Limited {
		e.Outcome.Wait = waitOf(got.Header)
	}
	if e.Outcome.Code == "" || e.Outcome.Code == codeOK {
		e.Outcome.Code = "http_" + strconv.Itoa(got.Status)
		if e.Outcome.Text == "" {
			e.Outcome.Text = "the answer names no code"
		}
	}
	return e
}

// failed makes an error of a call that got no answer.
func failed(api string, class actions.Class, code string, err error) *CallError {
	return &CallError{API: api, Outcome: actions.Outcome{Class: class, Code: code, Text: cut(err.Error(), maxName)}}
}

// textOf returns the answer's text, with what a missing permission is about. The gateway may repeat
// the request in a complaint about its signature, so the credential is taken out.
func textOf(a *answer, key AccessKey) string {
	text := a.Message
	var denied struct{ AuthAction, NoPermissionType string }
	if json.Unmarshal(a.AccessDeniedDetail, &denied) == nil && denied.AuthAction != "" {
		text += " (" + denied.NoPermissionType + " of " + denied.AuthAction + ")"
	}
	for _, secret := range []string{key.Token, key.Secret, key.ID} {
		if secret == "" {
			continue
		}
		text = strings.ReplaceAll(text, url.QueryEscape(secret), hidden)
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return cut(text, maxName)
}

// memberList is the List parameter of DeleteChatGroupParticipants, as compact JSON.
func memberList(members []chat.MemberID) (string, error) {
	type row struct{ ParticipantNumber string }
	rows := make([]row, len(members))
	for i, m := range members {
		rows[i].ParticipantNumber = string(m)
	}
	list, err := json.Marshal(rows)
	return string(list), err
}
