package match

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxHost is how long a host may be and still be brought into its ASCII form, which takes time
// quadratic in it. DNS allows 253 bytes.
const maxHost = 1024

// host appends the host made of the labels to the buffer of hosts, in the form that compares: in
// lower case and ASCII. One that cannot be brought into that form stays as it is, so that it is
// on no list.
func (l *Links) host() []byte {
	from := len(l.hosts)
	out := l.hosts
	for i, k := range l.labels {
		if i > 0 {
			out = append(out, '.')
		}
		out = append(out, l.text[k.start:k.end]...)
	}
	raw := out[from:]
	if plain, ok := unescape(raw); ok {
		raw = plain
	}
	raw = lowerASCII(raw)
	if isASCII(raw) || len(raw) > maxHost {
		return out[:from+len(raw)]
	}
	if ascii, err := profile().ToASCII(string(raw)); err == nil {
		return append(out[:from], ascii...)
	}
	return out[:from+len(raw)]
}

// profile maps hosts as browsers do before they look one up, but takes underscores too.
func profile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
}

// unescape undoes percent-encoding in place. Not ok, and nothing is changed, when what comes out
// could not stand in a host.
func unescape(host []byte) (plain []byte, ok bool) {
	if bytes.IndexByte(host, '%') < 0 {
		return host, true
	}
	var decoded []byte
	for i := 0; i < len(host); i++ {
		c := host[i]
		if c == '%' {
			if i+2 >= len(host) || !isHex(host[i+1]) || !isHex(host[i+2]) {
				return nil, false
			}
			c = unhex(host[i+1])<<4 | unhex(host[i+2])
			i += 2
		}
		decoded = append(decoded, c)
	}
	if !utf8.Valid(decoded) {
		return nil, false
	}
	for i := 0; i < len(decoded); {
		n := hostRune(decoded, i)
		if n == 0 && decoded[i] == '.' {
			n = 1
		}
		if n == 0 || decoded[i] == '%' {
			return nil, false
		}
		i += n
	}
	decoded = bytes.TrimRight(decoded, ".")
	return host[:copy(host, decoded)], len(decoded) > 0
}

// Domains is a set of domains. A host is in it when it is one of them or lies below one.
type Domains struct{ set map[string]struct{} }

// NewDomains returns the set of domains that ParseDomain returned.
func NewDomains(domains []string) *Domains {
	d := &Domains{set: make(map[string]struct{}, len(domains))}
	for _, s := range domains {
		d.set[s] = struct{}{}
	}
	return d
}

// Has tells whether a host that Links found is in the set.
func (d *Domains) Has(host []byte) bool {
	for {
		if _, ok := d.set[string(host)]; ok {
			return true
		}
		i := bytes.IndexByte(host, '.')
		if i < 0 {
			return false
		}
		host = host[i+1:]
	}
}

// ParseDomain reads one domain of a list: "example.com", "*.example.com" or "例え.jp".
func ParseDomain(s string) (string, error) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "*"), ".")
	s = strings.TrimSuffix(s, ".")
	if strings.ContainsAny(s, "/:@?# *%\\") {
		return "", errors.New("it is an address or a pattern, not a domain")
	}
	ascii, err := profile().ToASCII(strings.ToLower(s))
	if err != nil || ascii == "" || strings.Contains(ascii, "..") {
		return "", errors.New("it is not a domain")
	}
	return ascii, nil
}
