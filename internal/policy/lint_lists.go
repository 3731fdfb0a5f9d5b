package policy

import (
	"fmt"
	"slices"
	"strings"
)

// checkLists looks at the lists once all rules are read.
func (l *loader) checkLists() {
	for _, name := range sortedNames(l.lists) {
		s := l.lists[name]
		if !s.used {
			l.warnf(s.node, "name it in a rule, or remove it", "the list %q is never used", name)
		}
		if n, such := twice(s.entries); n > 0 {
			l.report(SeverityNote, s.node, "", "the list %q has %q twice%s", name, such, andMore(n-1))
		}
	}
}

// twice returns how many entries stand more than once, and one of them.
func twice(entries []string) (n int, such string) {
	sorted := slices.Sorted(slices.Values(entries))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			if n == 0 {
				such = sorted[i]
			}
			n++
		}
	}
	return n, such
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

// oddEntry says what is strange about an entry that can stand in a list of the kind; nothing when it
// looks as others do.
func oddEntry(kind, text string) (what, hint string) {
	switch kind {
	case wordList:
		switch {
		case strings.Contains(text, "://") || strings.HasPrefix(text, "www."):
			return "is an address, and is compared as a word", "use a list of the kind domain with link: {domain_in: …}"
		case strings.HasPrefix(text, "*."):
			return "looks like a pattern of domains, and a word is no pattern", "use a list of the kind domain with link: {domain_in: …}"
		case strings.HasPrefix(text, "*") || strings.HasSuffix(text, "*"):
			return "looks like a pattern, and * stands for itself in a word", "write match: anywhere, or use regex"
		}
	case phoneList, prefixList:
		if digits := strings.TrimLeft(text, "+ ("); strings.HasPrefix(digits, "0") {
			hint = "such as +15550100123"
			if rest, ok := strings.CutPrefix(digits, "00"); ok && rest != "" {
				hint = fmt.Sprintf("write %q", "+"+rest)
			}
			return "begins with 0, and numbers on cams begin with the country code", hint
		}
	case regexList:
		return oddRegex(text)
	case domainList:
		return oddDomain(text)
	case memberList:
		if what := oddID(text); what != "" {
			return what, "write each ID by itself, such as tencent:bob"
		}
		if p, rest, ok := strings.Cut(text, ":"); ok && p != strings.ToLower(p) && slices.Contains([]string{"tencent", "cams"}, strings.ToLower(p)) {
			return "names no provider of this program", fmt.Sprintf("did you mean %q?", strings.ToLower(p)+":"+rest)
		}
		if rest, ok := strings.CutPrefix(text, "whatsapp:"); ok {
			return "names no provider of this program", fmt.Sprintf("did you mean %q?", "cams:"+rest)
		}
	}
	return "", ""
}

// entryHint says how an entry that was refused could be written.
func entryHint(kind, text string) string {
	switch kind {
	case domainList:
	case regexList:
		return "the syntax is RE2's: no look-around, no back-references"
	case phoneList, prefixList:
		return "digits, such as +15550100123"
	default:
		return ""
	}
	_, rest, found := strings.Cut(text, "://")
	if !found {
		rest = text
	}
	host := strings.TrimPrefix(rest, "*.")
	if i := strings.IndexAny(host, "/:?#"); i >= 0 {
		host = host[:i]
	}
	if host == "" || host == text || strings.ContainsAny(host, "@ *%\\") {
		return ""
	}
	return "write " + host
}
