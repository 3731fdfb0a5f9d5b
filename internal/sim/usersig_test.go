package sim

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// The vector of the provider's own generator, with its README's sample key.
const (
	vectorKey = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
	vectorSig = "eAEArwBQ-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiYWRtaW5pc3RyYXRvciIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDAwMCwiVExTLmV4cGlyZSI6ODY0MDAsIlRMUy50aW1lIjoxNzAwMDAwMDAwLCJUTFMuc2lnIjoieUxBZSt3N1dVZVV1cWJWOWgvVFg3OHUyMW9UR2kraTlacDF1M1Bwblk2MD0ifQoBAAD---AkM5w_"
)

func TestUserSigVector(t *testing.T) {
	now := time.Unix(1700000010, 0)
	s := New(Options{Now: func() time.Time { return now }, Tencent: TencentOptions{SecretKey: vectorKey}})
	defer s.Close()
	for _, tt := range []struct {
		name       string
		at         int64
		app        uint64
		identifier string
		want       int
	}{
		{"fresh", 1700000010, 1400000000, "administrator", 0},
		{"in its last second", 1700086400, 1400000000, "administrator", 0},
		{"a second later", 1700086401, 1400000000, "administrator", sigExpired},
		{"for another app", 1700000010, 1400000001, "administrator", sigApp},
		{"for another user", 1700000010, 1400000000, "admin", sigIdentity},
	} {
		now = time.Unix(tt.at, 0)
		err := s.checkUserSig(vectorSig, tt.app, tt.identifier)
		if got := codeOf(err); got != tt.want {
			t.Errorf("%s: code %d, want %d", tt.name, got, tt.want)
		}
	}
	u, whole := unpackUserSig(vectorSig)
	if !whole || *u.Sig != "yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60=" {
		t.Errorf("unpacked %+v", u)
	}
	name, app, at, expire := "xiaojun", uint64(1400000000), int64(1700000000), int64(15552000)
	second := userSig{Identifier: &name, SDKAppID: &app, Time: &at, Expire: &expire}
	if got, want := second.sign(vectorKey), "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="; got != want {
		t.Errorf("second vector: %s, want %s", got, want)
	}
}

func codeOf(err error) int {
	var e *tencentError
	if errors.As(err, &e) {
		return e.code
	}
	return 0
}

func TestUserSigRefusals(t *testing.T) {
	now := time.Unix(1700000010, 0)
	s := New(Options{Now: func() time.Time { return now }, Tencent: TencentOptions{OtherKeys: []string{"key of another app"}}})
	defer s.Close()
	key := s.options.Tencent.SecretKey
	good := sig(key, "administrator", 1400000000, now.Unix(), 60)
	if err := s.checkUserSig(good, 1400000000, "administrator"); err != nil {
		t.Fatalf("a good one is refused: %v", err)
	}
	half := func(v any) string { b, _ := json.Marshal(v); return pack(b) }
	for _, tt := range []struct {
		name, sig string
		want      int
	}{
		{"empty", "", sigEmpty},
		{"not base64", "!!!!", sigBad},
		{"letters that the coding replaces", "+" + good[1:], sigBad},
		{"cut", good[:len(good)/2/4*4], sigBad},
		{"not compressed", "eyJUTFMudmVyIjoiMi4wIn0_", sigBad},
		{"not JSON", pack([]byte("hello")), sigBad},
		{"keys missing", half(row{"TLS.ver": "2.0"}), sigBad},
		{"two documents", pack([]byte(`{"TLS.ver":"2.0"}{}`)), sigBad},
		{"too large unpacked", pack(make([]byte, maxUserSig+1)), sigBad},
		{"wrong key", sig("guessed", "administrator", 1400000000, now.Unix(), 60), sigBad},
		{"key of another app", sig("key of another app", "administrator", 1400000000, now.Unix(), 60), sigOtherKey},
		{"another app", sig(key, "administrator", 1400000001, now.Unix(), 60), sigApp},
		{"another user", sig(key, "somebody", 1400000000, now.Unix(), 60), sigIdentity},
		{"expired", sig(key, "administrator", 1400000000, now.Unix()-61, 60), sigExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(s.checkUserSig(tt.sig, 1400000000, "administrator")); got != tt.want {
				t.Errorf("code %d, want %d", got, tt.want)
			}
		})
	}
}

func FuzzUserSig(f *testing.F) {
	f.Add(vectorSig)
	f.Add("")
	f.Add(pack([]byte(`{"TLS.ver":"2.0"}`)))
	s := New(Options{})
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, text string) {
		if s.checkUserSig(text, 1400000000, "administrator") == nil {
			t.Errorf("%q was let in without the key", text)
		}
	})
}
