package cams

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The signature of Alibaba Cloud's RPC APIs, version 3
// (https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature).
const (
	algorithm  = "ACS3-HMAC-SHA256"
	apiVersion = "2020-06-06"
	emptyBody  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// Signing is what one attempt of a request is signed with.
type Signing struct {
	Action  string
	Version string
	Key     AccessKey
	At      time.Time
	Nonce   string // fresh for every attempt: a repeated one is refused as a replay
}

// newNonce returns 128 random bits.
func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (Go 1.24 and later)
	return hex.EncodeToString(b[:])
}

// Sign sets the headers of a request with an empty body, Authorization the last of them. Every
// header whose name starts with x-acs- is part of the signature.
func Sign(r *http.Request, s Signing) {
	h := r.Header
	h.Set("x-acs-action", s.Action)
	h.Set("x-acs-version", s.Version)
	h.Set("x-acs-date", s.At.UTC().Format("2006-01-02T15:04:05Z"))
	h.Set("x-acs-signature-nonce", s.Nonce)
	h.Set("x-acs-content-sha256", emptyBody)
	if s.Key.Token != "" {
		h.Set("x-acs-security-token", s.Key.Token)
	}
	canonical, signed := canonicalRequest(r)
	mac := hmac.New(sha256.New, []byte(s.Key.Secret))
	mac.Write([]byte(algorithm + "\n" + hexHash(canonical)))
	h.Set("Authorization", algorithm+" Credential="+s.Key.ID+",SignedHeaders="+signed+
		",Signature="+hex.EncodeToString(mac.Sum(nil)))
}

// canonicalRequest returns the text whose hash is signed, and the list of signed headers in it.
func canonicalRequest(r *http.Request) (text, signed string) {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	lines, names := []string{"host:" + host}, []string{"host"}
	for name, values := range r.Header {
		if name = strings.ToLower(name); name == "content-type" || strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
			lines = append(lines, name+":"+strings.TrimSpace(values[0]))
		}
	}
	// A colon sorts after a hyphen, so lines are put in the order of their names.
	slices.SortFunc(lines, func(a, b string) int {
		return strings.Compare(a[:strings.IndexByte(a, ':')], b[:strings.IndexByte(b, ':')])
	})
	slices.Sort(names)
	signed = strings.Join(names, ";")
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return strings.Join([]string{
		r.Method, path, canonicalQuery(r.URL.Query()), strings.Join(lines, "\n") + "\n", signed, emptyBody,
	}, "\n"), signed
}

// canonicalQuery writes parameters in the order of their names, with everything escaped but
// letters, digits and -_.~ . It also goes on the wire as it is, so that what is sent and what is
// signed cannot differ.
func canonicalQuery(q url.Values) string {
	pairs := make([]string, 0, len(q))
	for _, name := range slices.Sorted(maps.Keys(q)) {
		pairs = append(pairs, escape(name)+"="+escape(q.Get(name)))
	}
	return strings.Join(pairs, "&")
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func hexHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
