package sim

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// UserSig codes.
const (
	sigExpired  = 70001
	sigEmpty    = 70002
	sigBad      = 70003
	sigOtherKey = 70009
	sigIdentity = 70013
	sigApp      = 70014
)

// userSig is the JSON inside a UserSig
// (https://www.tencentcloud.com/document/product/1047/34385).
type userSig struct {
	Ver        *string `json:"TLS.ver"`
	Identifier *string `json:"TLS.identifier"`
	SDKAppID   *uint64 `json:"TLS.sdkappid"`
	Expire     *int64  `json:"TLS.expire"`
	Time       *int64  `json:"TLS.time"`
	UserBuf    *string `json:"TLS.userbuf"`
	Sig        *string `json:"TLS.sig"`
}

// maxUserSig bounds what a UserSig may unpack to.
const maxUserSig = 8 << 10

// unpackUserSig undoes the transport coding: three letters of base64 replaced, zlib, JSON.
func unpackUserSig(text string) (userSig, bool) {
	var u userSig
	if strings.ContainsAny(text, "+/=") {
		return u, false
	}
	packed, err := base64.StdEncoding.Strict().DecodeString(strings.NewReplacer("*", "+", "-", "/", "_", "=").Replace(text))
	if err != nil {
		return u, false
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return u, false
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxUserSig+1))
	if err != nil || len(plain) > maxUserSig {
		return u, false
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if d.Decode(&u) != nil {
		return u, false
	}
	if _, err := d.Token(); err != io.EOF {
		return u, false
	}
	complete := u.Ver != nil && *u.Ver == "2.0" && u.Identifier != nil && u.SDKAppID != nil && u.Expire != nil && u.Time != nil && u.Sig != nil
	return u, complete
}

// sign returns the TLS.sig that a key gives the rest of it.
func (u *userSig) sign(key string) string {
	text := fmt.Sprintf("TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n", *u.Identifier, *u.SDKAppID, *u.Time, *u.Expire)
	if u.UserBuf != nil {
		text += "TLS.userbuf:" + *u.UserBuf + "\n"
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// checkUserSig returns why a UserSig does not let its bearer in.
func (s *Server) checkUserSig(text string, app uint64, identifier string) error {
	if text == "" {
		return refuse(sigEmpty, "usersig is empty")
	}
	u, whole := unpackUserSig(text)
	if !whole {
		return refuse(sigBad, "usersig is invalid")
	}
	if !hmac.Equal([]byte(*u.Sig), []byte(u.sign(s.options.Tencent.SecretKey))) {
		for _, other := range s.options.Tencent.OtherKeys {
			if hmac.Equal([]byte(*u.Sig), []byte(u.sign(other))) {
				return refuse(sigOtherKey, "usersig was signed with the key of another sdkappid")
			}
		}
		return refuse(sigBad, "usersig is invalid")
	}
	switch {
	case *u.SDKAppID != app:
		return refuse(sigApp, "usersig is of another sdkappid")
	case *u.Identifier != identifier:
		return refuse(sigIdentity, "usersig is of another identifier")
	case s.now().Unix() > *u.Time+*u.Expire:
		return refuse(sigExpired, "usersig has expired")
	}
	return nil
}
