package cams

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/chat"
)

// WebhookConfig says whose webhooks are let in and how they name a group.
type WebhookConfig struct {
	// Secret is the last segment of the webhook's path. CAMS documents no signature and no list of
	// source addresses, so an address that nobody can guess is all there is.
	Secret         string
	CustSpaceID    string
	BusinessNumber string
	// GroupKeys are the names under which an inbound message may name its group, the first one
	// that is there wins. Empty: GroupId, groupId, group_id.
	GroupKeys []string
	// Insecure lets every webhook in when there is no Secret. It is for development only.
	Insecure bool
	// Registerer takes the metrics; nil: they are kept but shown nowhere.
	Registerer prometheus.Registerer
	// Log is told once when an item is another channel's or business number's; nil: nobody is.
	Log *slog.Logger
}

// Webhook is the codec of CAMS pushes.
type Webhook struct {
	// NoGroup counts inbound messages that name no group: one-to-one chats, or a group key that
	// is not configured.
	NoGroup prometheus.Counter
	// Refused counts items of a batch that could not be read while others of it could.
	Refused prometheus.Counter
	// Foreign counts items that name another channel or business number: the address is used for
	// more than this bot's number, or one of its settings is wrong.
	Foreign prometheus.Counter

	log      *slog.Logger
	warned   sync.Once
	secret   [sha256.Size]byte
	open     bool // no secret is set and none is asked for
	shut     bool // no secret is set although one is needed
	account  chat.Account
	business string
	keys     []string // folded
}

// NewWebhook returns the codec for one channel and business number.
func NewWebhook(c WebhookConfig) *Webhook {
	if len(c.GroupKeys) == 0 {
		c.GroupKeys = []string{"GroupId", "groupId", "group_id"}
	}
	w := &Webhook{
		NoGroup: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "groupguard_cams_messages_without_group_total",
			Help: "Inbound WhatsApp messages that name no group under any configured key, so that no rule can act on them.",
		}),
		Refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "groupguard_cams_items_refused_total",
			Help: "Items of CAMS pushes that could not be read and were left out.",
		}),
		Foreign: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "groupguard_cams_items_foreign_total",
			Help: "Items of CAMS pushes that name another CustSpaceId or business number and were left out.",
		}),
		log:      c.Log,
		secret:   sha256.Sum256([]byte(c.Secret)),
		open:     c.Secret == "" && c.Insecure,
		shut:     c.Secret == "" && !c.Insecure,
		account:  chat.Account(c.CustSpaceID),
		business: number(c.BusinessNumber),
	}
	for _, k := range c.GroupKeys {
		w.keys = append(w.keys, strings.ToLower(strings.TrimSpace(k)))
	}
	if c.Registerer != nil {
		c.Registerer.MustRegister(w.NoGroup, w.Refused, w.Foreign)
	}
	return w
}

// Route is the path that Echo routes here. Its last segment is the secret.
func (w *Webhook) Route() string { return "/webhook/cams/:secret" }

// whyWrongSecret is why a request is refused. It is a metric label.
const whyWrongSecret = "wrong secret"

// Labels are the names of deliveries, and why a request may be refused.
func (w *Webhook) Labels() (events, reasons []string) {
	return []string{ignored, audit, status, groupUpdate, inbound}, []string{whyWrongSecret}
}

// Provider returns chat.CAMS.
func (w *Webhook) Provider() chat.Provider { return chat.CAMS }

// Authenticate compares the last segment of the path with the secret. Both sides are hashed, so
// that the time it takes tells neither the secret's length nor how much of it was right. A wrong
// one is answered like an address that does not exist.
func (w *Webhook) Authenticate(r *http.Request, _ time.Time) error {
	if w.open {
		return nil
	}
	path := r.URL.Path
	got := sha256.Sum256([]byte(path[strings.LastIndexByte(path, '/')+1:]))
	if subtle.ConstantTimeCompare(got[:], w.secret[:]) != 1 || w.shut {
		return &chat.Refusal{Status: http.StatusNotFound, Reason: whyWrongSecret}
	}
	return nil
}

// Answer returns the answer that CAMS takes for success: code is a number, msg is optional
// (https://www.alibabacloud.com/help/en/chatapp/developer-reference/chatappaudit-1). CAMS asks for
// no verdict.
func (w *Webhook) Answer(chat.Delivery, []chat.Verdict) []byte {
	return []byte(`{"code":0,"msg":"ok"}`)
}

// Refuse returns the body that goes with an HTTP status other than 200.
func (w *Webhook) Refuse(status int, reason string) []byte {
	body, err := json.Marshal(struct {
		Code int    `json:"code"`
		Msg  string `json:"msg"`
	}{status, reason})
	if err != nil { // a number and a string always encode
		return []byte(`{"code":500,"msg":"internal error"}`)
	}
	return body
}

// foreign notes an item of somebody else. A mistyped setting makes every item one, and then the bot
// sees nothing: the first is warned of, without anything that the push says.
func (w *Webhook) foreign(key, setting string) {
	w.Foreign.Inc()
	if w.log == nil {
		return
	}
	w.warned.Do(func() {
		w.log.Warn("a CAMS push is not for this channel and business number; further ones are only counted", "key", key, "setting", setting)
	})
}

// number returns a phone number as digits when s is one: digits, with an optional plus sign and
// the blanks, hyphens and brackets that people write. It returns "" for everything else; above all
// it never picks the digits out of a business-scoped user ID, which would be somebody else's number.
func number(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			out = append(out, c)
		case c != ' ' && c != '-' && c != '(' && c != ')':
			return ""
		}
	}
	return string(out)
}

// isNumber tells whether s is the number n, which is in digits, in any spelling: with a plus sign,
// with the zeros of an international call, or written out for people.
func isNumber(s, n string) bool {
	return s == n || number(s) != "" && strings.TrimLeft(number(s), "0") == strings.TrimLeft(n, "0")
}

// memberOf returns the member that s names: a number in digits, or s as it is.
func memberOf(s string) chat.MemberID {
	if n := number(s); n != "" {
		return chat.MemberID(n)
	}
	return chat.MemberID(s)
}
