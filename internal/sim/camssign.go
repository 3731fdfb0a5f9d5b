package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	acsAlgorithm = "ACS3-HMAC-SHA256"
	acsTolerance = 15 * time.Minute
	acsTime      = "2006-01-02T15:04:05Z"
)

// gatewayError is a refusal by Alibaba's gateway, before CAMS sees the call.
type gatewayError struct {
	status  int
	code    string
	message string
}

func (e *gatewayError) Error() string { return e.code }

func gateway(status int, code, message string) *gatewayError {
	return &gatewayError{status, code, message}
}

// authorization is the Authorization header taken apart.
type authorization struct {
	key, signature string
	signed         []string
}

func parseAuthorization(text string) (authorization, bool) {
	var a authorization
	rest, ok := strings.CutPrefix(text, acsAlgorithm+" ")
	if !ok {
		return a, false
	}
	parts := strings.Split(rest, ",")
	if len(parts) != 3 {
		return a, false
	}
	seen := map[string]string{}
	for _, p := range parts {
		name, value, ok := strings.Cut(p, "=")
		if _, twice := seen[name]; !ok || twice || value == "" {
			return a, false
		}
		seen[name] = value
	}
	a.key, a.signature = seen["Credential"], seen["Signature"]
	a.signed = strings.Split(seen["SignedHeaders"], ";")
	return a, len(seen) == 3 && a.key != "" && a.signature != "" && seen["SignedHeaders"] != ""
}

// complete reports whether everything is signed that must be: host, a content type, and each
// x-acs- header that came, in order and in lower case.
func (a authorization) complete(r *http.Request) bool {
	need := []string{"host"}
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-acs-") || lower == "content-type" {
			need = append(need, lower)
		}
	}
	for _, n := range need {
		if !slices.Contains(a.signed, n) {
			return false
		}
	}
	for _, n := range a.signed {
		if n != strings.ToLower(n) || n != "host" && len(r.Header.Values(n)) != 1 {
			return false
		}
	}
	return slices.IsSorted(a.signed) && len(slices.Compact(slices.Clone(a.signed))) == len(a.signed)
}

// acsSignature computes a request's signature from what was received
// (https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature).
func acsSignature(r *http.Request, signed []string, bodySum, secret string) (signature, canonicalSum string, err error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", "", err
	}
	var text strings.Builder
	text.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + query + "\n")
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		text.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	text.WriteString("\n" + strings.Join(signed, ";") + "\n" + bodySum)
	sum := sha256.Sum256([]byte(text.String()))
	canonicalSum = hex.EncodeToString(sum[:])
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(acsAlgorithm + "\n" + canonicalSum))
	return hex.EncodeToString(mac.Sum(nil)), canonicalSum, nil
}

// canonicalQuery decodes a query and writes it again in the one way that is signed.
func canonicalQuery(raw string) (string, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", err
	}
	var pairs []string
	for _, name := range sortedKeys(values) {
		for _, v := range slices.Sorted(slices.Values(values[name])) {
			pairs = append(pairs, percentEncode(name)+"="+percentEncode(v))
		}
	}
	return strings.Join(pairs, "&"), nil
}

func sortedKeys(v url.Values) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// percentEncode leaves only unreserved characters (RFC 3986, section 2.3).
func percentEncode(text string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			out.WriteByte(c)
		default:
			out.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return out.String()
}

// checkACS returns why a request is not let in.
func (s *Server) checkACS(r *http.Request, body []byte, at time.Time) *gatewayError {
	o := s.options.CAMS
	for _, name := range []string{"x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if r.Header.Get(name) == "" {
			return gateway(http.StatusBadRequest, "Missing"+name, "The header "+name+" is mandatory.")
		}
	}
	a, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok || !a.complete(r) {
		return gateway(http.StatusBadRequest, "IncompleteSignature", "The request signature does not conform to the standard.")
	}
	if a.key != o.AccessKeyID {
		return gateway(http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	}
	if r.Header.Get("x-acs-security-token") != o.SecurityToken {
		return gateway(http.StatusBadRequest, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
	}
	date, err := time.Parse(acsTime, r.Header.Get("x-acs-date"))
	if err != nil {
		return gateway(http.StatusBadRequest, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
	}
	if at.Sub(date).Abs() > acsTolerance {
		return gateway(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	sum := sha256.Sum256(body)
	bodySum := hex.EncodeToString(sum[:])
	want, _, err := acsSignature(r, a.signed, bodySum, o.AccessKeySecret)
	if err != nil || bodySum != r.Header.Get("x-acs-content-sha256") || !hmac.Equal([]byte(want), []byte(a.signature)) {
		return gateway(http.StatusBadRequest, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
	}
	if !s.nonces.fresh(r.Header.Get("x-acs-signature-nonce"), at) {
		return gateway(http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	return nil
}

// maxNonces bounds the nonces that are remembered; the oldest go first.
const maxNonces = 200_000

// nonces remembers used nonces for as long as their date could be let in again.
type nonces struct {
	mu    sync.Mutex // guards the fields below
	used  map[string]bool
	order []usedNonce
}

type usedNonce struct {
	nonce string
	at    time.Time
}

// fresh notes a nonce and reports whether it is new.
func (n *nonces) fresh(nonce string, at time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.used == nil {
		n.used = map[string]bool{}
	}
	old := 0
	for old < len(n.order) && (at.Sub(n.order[old].at) > 2*acsTolerance || len(n.order)-old >= maxNonces) {
		delete(n.used, n.order[old].nonce)
		old++
	}
	n.order = n.order[old:]
	if n.used[nonce] {
		return false
	}
	n.used[nonce] = true
	n.order = append(n.order, usedNonce{nonce, at})
	return true
}
