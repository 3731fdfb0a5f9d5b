package tencent

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// maxTimeDigits bounds RequestTime: no second count of this universe needs more than 20 digits.
const maxTimeDigits = 20

// Why a request is refused. They are metric labels.
const (
	whyTwice    = "repeated parameter"
	whyNoApp    = "missing SdkAppid"
	whyWrongApp = "wrong SdkAppid"
	whyNoToken  = "no token configured"
	whyNoSign   = "missing signature"
	whyNoTime   = "missing request time"
	whyOddTime  = "malformed request time"
	whyBadSign  = "bad signature"
	whyFuture   = "request time in the future"
	whyStale    = "stale request"
)

// secured are the query parameters that decide whether a request is let in.
type secured struct {
	appID, sign, time string
}

// Authenticate decides by the query alone whether a webhook is Tencent's and ours, so that nothing
// of the body is read before. The error is a *chat.Refusal.
//
// Sign is lowercase hex SHA-256 of token and RequestTime (34354). It covers neither body nor
// application, which is why the application is checked as well, and why the window is short. The
// signature is judged before the time, so that only its owner learns what our clock says.
func (w *Webhook) Authenticate(r *http.Request, now time.Time) error {
	q, ok := scanQuery(r.URL.RawQuery)
	switch {
	case !ok:
		return refused(http.StatusForbidden, whyTwice)
	case q.appID == "":
		return refused(http.StatusForbidden, whyNoApp)
	case w.appID == "" || q.appID != w.appID:
		return refused(http.StatusForbidden, whyWrongApp)
	case len(w.token) == 0 && w.insecure:
		return nil
	case len(w.token) == 0:
		return refused(http.StatusUnauthorized, whyNoToken)
	case q.sign == "":
		return refused(http.StatusUnauthorized, whyNoSign)
	case q.time == "":
		return refused(http.StatusUnauthorized, whyNoTime)
	case !digits(q.time, maxTimeDigits):
		return refused(http.StatusUnauthorized, whyOddTime)
	case !w.signed(q.sign, q.time):
		return refused(http.StatusUnauthorized, whyBadSign)
	}
	return w.fresh(q.time, now, r.URL.RawQuery)
}

// signed compares in constant time.
func (w *Webhook) signed(sign, requestTime string) bool {
	var room [160]byte // the token has at most 128 characters (product 647/69528)
	sum := sha256.Sum256(append(append(room[:0], w.token...), requestTime...))
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], sum[:])
	if len(sign) != len(want) {
		return false
	}
	var got [2 * sha256.Size]byte
	copy(got[:], sign)
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// fresh tells whether a signed time is close enough to now, and shows how far it is. Whole seconds are
// compared, as the time has no fraction.
func (w *Webhook) fresh(requestTime string, now time.Time, query string) error {
	const farFuture = 1 << 40 // some 34,000 years: keeps the subtraction below from overflowing
	at, err := strconv.ParseInt(requestTime, 10, 64)
	if err != nil || at > farFuture {
		return refused(http.StatusUnauthorized, whyFuture)
	}
	if !isHeartbeat(query) { // whose time is our own
		w.skew.show(now.Sub(time.Unix(at, 0)))
	}
	age, limit := now.Unix()-at, int64(w.maxAge/time.Second)
	switch {
	case age > limit:
		return refused(http.StatusUnauthorized, whyStale)
	case age < -limit:
		return refused(http.StatusUnauthorized, whyFuture)
	}
	return nil
}

// scanQuery finds the parameters that matter without building a map of all. Values are taken as
// they stand: what Tencent sends needs no escapes, and an escaped value equals nothing of ours.
// Documents disagree about the case of SdkAppid, so case is ignored in names; it returns false
// when one of them stands twice, because then two readers could each believe another one.
func scanQuery(raw string) (q secured, ok bool) {
	var seenApp, seenSign, seenTime bool
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		var into *string
		var seen *bool
		switch {
		case strings.EqualFold(name, "SdkAppid"):
			into, seen = &q.appID, &seenApp
		case strings.EqualFold(name, "Sign"):
			into, seen = &q.sign, &seenSign
		case strings.EqualFold(name, "RequestTime"):
			into, seen = &q.time, &seenTime
		default:
			continue
		}
		if *seen {
			return q, false
		}
		*into, *seen = value, true
	}
	return q, true
}

// digits tells whether s is 1 to limit decimal digits.
func digits[T string | []byte](s T, limit int) bool {
	if len(s) == 0 || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func refused(status int, reason string) error {
	return &chat.Refusal{Status: status, Reason: reason}
}
