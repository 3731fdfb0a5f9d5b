package policy

import (
	"strings"

	"github.com/groupguard/groupguard/internal/policy/match"
	"golang.org/x/net/publicsuffix"
)

// oddDomain says what is strange about a domain of a list: one below which strangers have domains of
// their own, or one that is none. Below the suffixes of companies, such as github.io, all belongs to
// one host, which is a domain like others.
func oddDomain(text string) (what, hint string) {
	domain, err := match.ParseDomain(text)
	if err != nil {
		return "", "" // reported where it is read
	}
	suffix, public := publicsuffix.PublicSuffix(domain)
	switch {
	case suffix != domain:
		return "", ""
	case public || domain == "example": // https://www.rfc-editor.org/rfc/rfc2606
		return "is a public suffix: everything below it is meant", "write the domain itself, such as name." + domain
	case strings.Contains(domain, "."):
		return "", ""
	}
	return "is no domain of the internet: no link leads there", "write the whole domain"
}
