package tencent

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sigLife is how long a UserSig is valid. At least a day is advised (34385); a new one is made at
// half of it, so that neither a wrong clock nor a long call meets the end.
const sigLife = 24 * time.Hour

// ticket is what a UserSig holds.
type ticket struct {
	Version    string `json:"TLS.ver"`
	Identifier string `json:"TLS.identifier"`
	SDKAppID   uint64 `json:"TLS.sdkappid"`
	Expire     int64  `json:"TLS.expire"`
	Time       int64  `json:"TLS.time"`
	Sig        string `json:"TLS.sig"`
}

// UserSig returns the credential that lets identifier call as itself from now until expire later:
// TLSSigAPIv2, HMAC-SHA256 with the application's key (34385).
func UserSig(appID uint64, key, identifier string, now time.Time, expire time.Duration) (string, error) {
	t := ticket{
		Version: "2.0", Identifier: identifier, SDKAppID: appID,
		Expire: int64(expire / time.Second), Time: now.Unix(),
	}
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n",
		t.Identifier, t.SDKAppID, t.Time, t.Expire)
	t.Sig = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	doc, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("encoding the UserSig: %w", err)
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(doc); err != nil {
		return "", fmt.Errorf("compressing the UserSig: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("compressing the UserSig: %w", err)
	}
	b := base64.StdEncoding.EncodeToString(packed.Bytes())
	return strings.NewReplacer("+", "*", "/", "-", "=", "_").Replace(b), nil
}

// Signer keeps one account's UserSig and renews it well before it ends. It is safe for concurrent
// use.
type Signer struct {
	appID           uint64
	key, identifier string
	now             func() time.Time

	mu    sync.Mutex // guards the fields below
	sig   string
	renew time.Time
}

// NewSigner returns a Signer that signs for identifier.
func NewSigner(sdkAppID, key, identifier string, now func() time.Time) (*Signer, error) {
	id, err := strconv.ParseUint(sdkAppID, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading the SDKAppID: %q is not a number", sdkAppID)
	}
	if key == "" || identifier == "" {
		return nil, fmt.Errorf("signing for SDKAppID %d: key and identifier are needed", id)
	}
	return &Signer{appID: id, key: key, identifier: identifier, now: now}, nil
}

// Sig returns a UserSig that is valid for half a day at least.
func (s *Signer) Sig() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	// A clock that was set back makes a signature of the future, so that is renewed as well.
	if s.sig != "" && now.Before(s.renew) && now.After(s.renew.Add(-sigLife)) {
		return s.sig, nil
	}
	sig, err := UserSig(s.appID, s.key, s.identifier, now, sigLife)
	if err != nil {
		return "", err
	}
	s.sig, s.renew = sig, now.Add(sigLife/2)
	return sig, nil
}

// Drop forgets a UserSig that was refused, unless somebody else has renewed it meanwhile.
func (s *Signer) Drop(refused string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sig == refused {
		s.sig = ""
	}
}
