package match

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// MaxLinks is how many links one search returns at most.
const MaxLinks = 1 << 12

// Link is one link: the bytes [Start, End) of the text, scheme and path included.
type Link struct {
	Start, End         int32
	hostStart, hostEnd int32
}

// Links finds links and their hosts in a text, and is reused from text to text. It is not safe
// for concurrent use.
//
// What stands before "://" is always a link. Without a scheme a host counts when its end is a
// public suffix and nothing speaks for a forgotten space or a file name (see hosts.go): judging a
// person by a link that is none is worse than missing one. Hosts come out in lower case, with
// percent-encoding, defanging and IDNA (https://www.unicode.org/reports/tr46/) undone.
type Links struct {
	text   []byte
	found  []Link
	hosts  []byte
	labels []label
}

// label is one label of a host: the bytes [start, end) of the text.
type label struct{ start, end int }

// All returns the links in the order of the text. They stand until the next Find.
func (l *Links) All() []Link { return l.found }

// Host returns the host of a link that All returned.
func (l *Links) Host(k Link) []byte { return l.hosts[k.hostStart:k.hostEnd] }

// Reset forgets the text and the links.
func (l *Links) Reset() { l.text, l.found, l.hosts = nil, l.found[:0], l.hosts[:0] }

// Find reads a text that is folded by width and by invisible characters, but not by case: IDNA
// has a case folding of its own.
func (l *Links) Find(text []byte) {
	l.Reset()
	if !mayHaveLink(text) {
		return
	}
	l.text = text
	for i := 0; i < len(text) && len(l.found) < MaxLinks; {
		n := hostRune(text, i)
		if n == 0 {
			_, n = utf8.DecodeRune(text[i:])
			i += n
			continue
		}
		i = max(l.token(i), i+n)
	}
}

// mayHaveLink tells whether the text has a scheme, or a dot of any kind between two labels. Few
// messages have, and the others need not be read rune by rune.
func mayHaveLink(text []byte) bool {
	if bytes.Contains(text, []byte("//")) || bytes.Contains(text, []byte(`:\`)) || bytes.Contains(text, []byte(`:/\`)) {
		return true
	}
	for _, first := range [...]byte{'.', '[', '(', '{', 0xE3} {
		for i := 0; i < len(text); i++ {
			k := bytes.IndexByte(text[i:], first)
			if k < 0 {
				break
			}
			i += k
			if i == 0 {
				continue
			}
			if n := dot(text, i); n > 0 && hostRune(text, i+n) > 0 {
				return true
			}
		}
	}
	return false
}

// token reads the run of labels that begins at byte i, takes what is a link, and returns where to
// go on.
func (l *Links) token(i int) int {
	end := l.split(i)
	if n := schemeEnd(l.text, end); n > 0 {
		if start, ok := scheme(l.text, l.labels[len(l.labels)-1]); ok && believable(l.text[start:end+n], end-start) {
			return l.withScheme(start, end+n)
		}
	}
	if len(l.labels) > 1 && !l.partOfEmail(i, end) {
		if k := l.bare(end); k > 0 {
			return k
		}
	}
	return end
}

// split collects the labels of the host that begins at byte i and returns where it ends. A dot
// belongs to it only when a label follows.
func (l *Links) split(i int) int {
	l.labels = append(l.labels[:0], label{i, i})
	for i < len(l.text) {
		if n := hostRune(l.text, i); n > 0 {
			i += n
			l.labels[len(l.labels)-1].end = i
			continue
		}
		n := dot(l.text, i)
		if n == 0 || hostRune(l.text, i+n) == 0 {
			break
		}
		i += n
		l.labels = append(l.labels, label{i, i})
	}
	return l.labels[len(l.labels)-1].end
}

// scheme returns where the scheme begins that ends with the label.
func scheme(text []byte, last label) (start int, ok bool) {
	start = last.end
	for start > last.start && (isAlnum(text[start-1]) || text[start-1] == '-') {
		start--
	}
	for start < last.end && !isAlpha(text[start]) {
		start++
	}
	return start, start < last.end
}

// believable tells whether the scheme of n bytes and what parts it from the host begin a link, and
// not a path such as C:\\Users: backslashes stand for slashes only behind a scheme of the web.
func believable(text []byte, n int) bool {
	name := strings.ToLower(string(text[:min(n, 8)]))
	if bytes.IndexByte(text[n:], '\\') >= 0 {
		return strings.HasSuffix(name, "p") || strings.HasSuffix(name, "ps")
	}
	return n > 1
}

// schemeEnd returns how many bytes part a scheme from its host at byte i; 0: it is no scheme.
func schemeEnd(text []byte, i int) int {
	if i >= len(text) || text[i] != ':' && text[i] != '[' && text[i] != '(' {
		return 0
	}
	for _, sep := range [...]string{"://", `:\\`, `:/\`, `:\/`, "[:]//", "[://]", "(:)//"} {
		if bytes.HasPrefix(text[i:], []byte(sep)) {
			n := len(sep)
			for i+n < len(text) && (text[i+n] == '/' || text[i+n] == '\\') {
				n++ // browsers read any number of slashes as two
			}
			return n
		}
	}
	return 0
}

// withScheme takes the link whose scheme begins at byte start and whose authority at byte i, and
// returns where it ends. Whatever stands before the last @ is a user name, not the host.
func (l *Links) withScheme(start, i int) int {
	end := i
	for end < len(l.text) && !endsAuthority(l.text[end]) {
		end++
	}
	for stop := end; ; {
		at := bytes.LastIndexByte(l.text[i:stop], '@')
		if at < 0 {
			break
		}
		if hostRune(l.text, i+at+1) > 0 || i+at+1 < end && l.text[i+at+1] == '[' {
			i += at + 1
			break
		}
		stop = i + at // no host follows this one
	}
	if i < len(l.text) && l.text[i] == '[' && dot(l.text, i) == 0 {
		if n := bytes.IndexByte(l.text[i:end], ']'); n > 0 {
			l.take(start, l.pathEnd(i+n+1), append(l.hosts, l.text[i:i+n+1]...))
			return i + n + 1
		}
	}
	if i >= len(l.text) || hostRune(l.text, i) == 0 {
		return i
	}
	hostEnd := l.split(i)
	l.trimLast()
	if cut := l.labels[len(l.labels)-1].end; cut < hostEnd {
		l.take(start, cut, l.host())
		return cut
	}
	stop := l.pathEnd(hostEnd)
	l.take(start, stop, l.host())
	return max(stop, hostEnd)
}

// take notes a link; hosts is the buffer with its host at the end.
func (l *Links) take(start, end int, hosts []byte) {
	from := len(l.hosts)
	l.hosts = hosts
	l.found = append(l.found, Link{int32(start), int32(end), int32(from), int32(len(hosts))})
}

// pathEnd returns where the link ends whose host ends at byte i: after port, path, query and
// fragment, as far as they are ASCII, without the punctuation that closes a sentence.
func (l *Links) pathEnd(i int) int {
	host := i
	if i < len(l.text) && l.text[i] == ':' {
		for i++; i < len(l.text) && isDigit(l.text[i]); i++ {
		}
	}
	if i < len(l.text) && strings.IndexByte(`/\?#`, l.text[i]) >= 0 {
		for i < len(l.text) && l.text[i] > ' ' && l.text[i] < utf8.RuneSelf && strings.IndexByte("<>\"`", l.text[i]) < 0 {
			i++
		}
	}
	for i > host && strings.IndexByte(".,;:!?)]}'", l.text[i-1]) >= 0 {
		i--
	}
	return i
}
