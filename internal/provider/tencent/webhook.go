package tencent

import (
	"encoding/json"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// What a deployment gets that sets nothing, and bounds of what we answer.
const (
	defaultMaxAge = 5 * time.Minute // the documents recommend no window at all (34354)
	maxErrorInfo  = 1000            // bytes of the text that a blocked sender is shown
)

// The codes of an answer to a Before callback (34374). A rule's own code must lie between the
// custom ones, which the client SDK hands to the sender together with the text.
const (
	codeRefuse      = 1
	codeCustomFirst = 10100
	codeCustomLast  = 10200
)

// WebhookConfig is what a Webhook needs to know.
type WebhookConfig struct {
	SDKAppID   string        // our application; every other one is refused
	Token      string        // the console's authentication token
	MaxAge     time.Duration // how far RequestTime may be from now; 0: five minutes
	Identifier string        // the admin account that we act as
	Insecure   bool          // with an empty Token: accept unsigned requests
	// Registerer takes the metric; nil: it is kept but shown nowhere.
	Registerer prometheus.Registerer
}

// Webhook authenticates, decodes and answers Tencent's webhooks. It is safe for concurrent use.
type Webhook struct {
	appID      string
	token      []byte
	maxAge     time.Duration
	identifier string
	insecure   bool
	scratch    sync.Pool // of *harvest
	skew       *skew
}

// NewWebhook returns a Webhook. Without a token it refuses every request, unless cfg.Insecure says
// that unsigned ones are wanted.
func NewWebhook(cfg WebhookConfig) *Webhook {
	w := &Webhook{
		appID: cfg.SDKAppID, token: []byte(cfg.Token), maxAge: cfg.MaxAge,
		identifier: cfg.Identifier, insecure: cfg.Insecure,
		skew: newSkew(cfg.Registerer),
	}
	if w.maxAge <= 0 {
		w.maxAge = defaultMaxAge
	}
	w.scratch.New = func() any { return new(harvest) }
	return w
}

// Provider names the provider whose webhooks these are.
func (w *Webhook) Provider() chat.Provider { return chat.Tencent }

// Labels are the names of deliveries, and why a request may be refused where there is a token.
func (w *Webhook) Labels() (events, reasons []string) {
	return []string{nameMessage, nameBeforeMessage, nameJoin, nameBeforeJoin, nameLeave, nameIgnored},
		[]string{
			whyTwice, whyNoApp, whyWrongApp, whyNoSign, whyNoTime, whyOddTime, whyBadSign, whyFuture, whyStale,
		}
}

// Route is the path that Echo routes to this webhook.
func (w *Webhook) Route() string { return "/webhook/tencent" }

// answer is the body of an answer. Its order of keys is the documents' own.
type answer struct {
	ActionStatus string   `json:"ActionStatus"`
	ErrorInfo    string   `json:"ErrorInfo"`
	ErrorCode    int      `json:"ErrorCode"`
	Refused      []string `json:"RefusedMembers_Account,omitempty"`
}

func (a answer) bytes() []byte {
	b, err := json.Marshal(a)
	if err != nil { // strings and numbers always marshal
		return []byte(`{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":1}`)
	}
	return b
}

// Answer returns the body that answers a delivery with status 200. Verdicts are parallel to the
// delivery's events; only asked events are answered by theirs. An invitation of several members is
// refused for the blocked ones alone, and as a whole when all of them are blocked.
func (w *Webhook) Answer(d chat.Delivery, v []chat.Verdict) []byte {
	var blocked []string
	var first chat.Verdict
	for i, e := range d.Events {
		if i >= len(v) || !e.Asked || !v[i].Block {
			continue
		}
		if len(blocked) == 0 {
			first = v[i]
		}
		blocked = append(blocked, string(e.Member))
	}
	switch {
	case len(blocked) == 0:
		return []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)
	case len(blocked) < len(d.Events):
		return answer{ActionStatus: "OK", Refused: blocked}.bytes()
	}
	code := codeRefuse
	if first.Code >= codeCustomFirst && first.Code <= codeCustomLast {
		code = first.Code
	}
	return answer{ActionStatus: "OK", ErrorInfo: cut(first.Text, maxErrorInfo), ErrorCode: code}.bytes()
}

// Refuse returns the body that goes with an HTTP status other than 200.
func (w *Webhook) Refuse(status int, reason string) []byte {
	if status == 0 {
		status = 1
	}
	return answer{ActionStatus: "FAIL", ErrorInfo: reason, ErrorCode: status}.bytes()
}

// cut shortens s to at most limit bytes, on the border of a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
