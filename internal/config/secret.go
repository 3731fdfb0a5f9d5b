package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that never prints. Only Reveal gives it away, so that a search for that name
// finds every place where a secret leaves the process.
type Secret string

const redacted = "[redacted]"

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String tells only whether the secret is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format implements fmt.Formatter. Without it a verb that does not fit a string, such as %d, would
// print the value beside its complaint.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	_, _ = io.WriteString(f, text) // fmt.State never reports an error
}

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler, which JSON, YAML and XML encoders ask first.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
