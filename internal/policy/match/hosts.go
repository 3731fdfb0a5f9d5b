package match

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// bare takes the host that split has just read, when it is one without a scheme before it, and
// returns where the link ends, or 0.
func (l *Links) bare(end int) int {
	l.trimFirst()
	l.trimLast()
	first, last := l.labels[0], l.labels[len(l.labels)-1]
	cut := last.end < end
	kept := len(l.hosts)
	hosts := l.host()
	host := hosts[kept:]
	l.hosts = hosts[:kept]
	stop := last.end
	if !cut {
		stop = l.pathEnd(last.end)
	}
	path := stop > last.end
	if isIPv4(host) {
		if !path || l.text[last.end] != ':' {
			return 0 // a version number or a network, not a link
		}
	} else {
		known, depth := publicHost(host)
		www := len(l.labels) > 2 && first.end-first.start == 3 && bytes.EqualFold(l.text[first.start:first.end], []byte("www"))
		if !known || !path && !www && l.looksLikeText(host, depth) {
			return 0
		}
	}
	l.take(first.start, stop, hosts)
	return stop
}

// publicHost tells whether the host ends with a public suffix, or with the reserved .example
// (https://www.rfc-editor.org/rfc/rfc2606), and how many labels stand before it.
func publicHost(host []byte) (ok bool, depth int) {
	if len(host) > maxHost {
		return false, 0
	}
	suffix, icann := publicsuffix.PublicSuffix(string(host))
	depth = bytes.Count(host[:len(host)-len(suffix)], []byte("."))
	switch {
	case icann:
		return depth > 0, depth
	case strings.IndexByte(suffix, '.') >= 0:
		return true, depth + 1 // a private suffix is a host too
	}
	return suffix == "example" && depth > 0, depth
}

// looksLikeText tells whether a host with a known suffix is more likely a forgotten space ("good.
// it" written as "good.it", "End.My") or a file name ("main.rs") than a link.
func (l *Links) looksLikeText(host []byte, depth int) bool {
	last, before := l.labels[len(l.labels)-1], l.labels[len(l.labels)-2]
	if c, b := l.text[last.start], l.text[before.end-1]; c >= 'A' && c <= 'Z' && (b >= 'a' && b <= 'z' || b >= utf8.RuneSelf) {
		return true
	}
	longest := 0
	for _, k := range l.labels[:len(l.labels)-1] {
		longest = max(longest, k.end-k.start)
	}
	if longest < 2 && depth > 1 {
		return true // an abbreviation such as a.k.a
	}
	if !likeWord(string(host[bytes.LastIndexByte(host, '.')+1:])) {
		return false
	}
	return bytes.IndexAny(host, "-0123456789") < 0
}

// likeWord tells whether a top-level domain is also a common word, or the ending of common files.
func likeWord(tld string) bool {
	switch tld {
	case "am", "as", "at", "be", "by", "do", "id", "in", "is", "it", "la", "me", "my", "no", "so", "to", "us",
		"got", "here", "how", "like", "meet", "new", "now", "open", "play", "read", "save", "see", "talk", "today", "wow", "you",
		"cc", "md", "mk", "ml", "mov", "ps", "py", "rs", "sh", "zip":
		return true
	}
	return false
}

// partOfEmail tells whether the run of labels belongs to an e-mail address.
func (l *Links) partOfEmail(start, end int) bool {
	if start > 1 && l.text[start-1] == '@' {
		if r, _ := utf8.DecodeLastRune(l.text[:start-1]); r > ' ' && r != utf8.RuneError && (r >= utf8.RuneSelf || isAlnum(byte(r))) {
			return true
		}
	}
	return end+1 < len(l.text) && l.text[end] == '@' && hostRune(l.text, end+1) > 0
}

// trimFirst drops the text that runs into the first label without a space, as Chinese does:
// "看www" becomes "www".
func (l *Links) trimFirst() {
	k := &l.labels[0]
	for i := k.end; i > k.start; {
		r, n := utf8.DecodeLastRune(l.text[k.start:i])
		if Spaceless(r) && i < k.end && l.text[i] < utf8.RuneSelf {
			k.start = i
			return
		}
		i -= n
	}
}

// trimLast drops the text that runs on after the last label: "com吧" becomes "com".
func (l *Links) trimLast() {
	k := &l.labels[len(l.labels)-1]
	for i := k.start; i < k.end; i++ {
		if l.text[i] >= utf8.RuneSelf {
			if i > k.start {
				k.end = i
			}
			return
		}
	}
}

func isIPv4(host []byte) bool {
	parts, digits := 1, 0
	for _, c := range host {
		switch {
		case c == '.' && digits > 0:
			parts, digits = parts+1, 0
		case isDigit(c) && digits < 3:
			digits++
		default:
			return false
		}
	}
	return parts == 4 && digits > 0
}
