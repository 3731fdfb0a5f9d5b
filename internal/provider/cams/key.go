package cams

import (
	"fmt"
	"log/slog"
	"time"
)

// AccessKey is a credential. It prints as a fixed text under every verb, so that no log, error or
// test failure shows it.
type AccessKey struct {
	ID     string
	Secret string
	// Token goes with a temporary credential; empty: the credential has no end.
	Token string
	// Expires is the end of a temporary credential where the source tells it; zero: unknown.
	Expires time.Time
}

const hidden = "[access key]"

// Format implements fmt.Formatter.
func (AccessKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements slog.LogValuer.
func (AccessKey) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler, which encoding/json asks too.
func (AccessKey) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// same tells whether two keys sign alike.
func (k AccessKey) same(o AccessKey) bool {
	return k.ID == o.ID && k.Secret == o.Secret && k.Token == o.Token
}
