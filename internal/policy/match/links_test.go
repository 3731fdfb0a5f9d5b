package match

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mvdan.cc/xurls/v2"
)

// hostsIn returns the hosts that are found.
func hostsIn(l *Links, text string) []string {
	l.Find([]byte(text))
	var hosts []string
	for _, k := range l.All() {
		hosts = append(hosts, string(l.Host(k)))
	}
	return hosts
}

func TestHosts(t *testing.T) {
	for _, tc := range []struct{ text, hosts string }{
		// With a scheme.
		{"see https://example.com/a?b#c now", "example.com"},
		{"HTTPS://EXAMPLE.com", "example.com"},
		{"https://a.com https://b.com", "a.com b.com"},
		{"https://a.com,https://b.com", "a.com b.com"},
		{"hxxp://win.example.net", "win.example.net"},
		{"hXXps://win[.]example[.]net/x", "win.example.net"},
		{"http[:]//win(.)example{.}net", "win.example.net"},
		{"https:\\\\win.example.net", "win.example.net"},
		{"https:////win.example.net", "win.example.net"},
		{"https://trusted.com@evil.net/", "evil.net"},
		{"https://trusted.com:pw@evil.net:8080/x@y", "evil.net"},
		{"https://evil.net\\@trusted.com", "evil.net"},
		{"https://win.example.net@ now", "win.example.net"},
		{"https://a@win.example.net@, now", "win.example.net"},
		{"https://w%69n.example.net", "win.example.net"},
		{"https://win%2eexample%2Enet/", "win.example.net"},
		{"https://evil.net%2f.trusted.com/", "evil.net%2f.trusted.com"},
		{"https://example.com.", "example.com"},
		{"https://example.com/path.", "example.com"},
		{"(https://example.com/)", "example.com"},
		{"https://localhost:8080/x", "localhost"},
		{"https://[2001:db8::1]/x", "[2001:db8::1]"},
		{"https://192.0.2.7/x", "192.0.2.7"},
		{"https://例え.jp/", "xn--r8jz45g.jp"},
		{"https://bücher.example", "xn--bcher-kva.example"},
		{"https://b\u0430d.example/win", "xn--bd-7kc.example"},
		{"https://faß.de", "xn--fa-hia.de"},
		{"https://XN--R8JZ45G.jp", "xn--r8jz45g.jp"},
		{"看https://win.example.net吧", "win.example.net"},
		{"tg://resolve?domain=x", "resolve"},
		{"https://under_score.example.net", "under_score.example.net"},
		// Without one.
		{"t.me/promo", "t.me"},
		{"www.foo.com", "www.foo.com"},
		{"www.foo.me", "www.foo.me"},
		{"win.example.net", "win.example.net"},
		{"go to foo.com.", "foo.com"},
		{"foo.com, bar.org!", "foo.com bar.org"},
		{"win[.]example[.]net", "win.example.net"},
		{"win[dot]example(DOT)net", "win.example.net"},
		{"加微信看www.foo.com吧", "www.foo.com"},
		{"点击win。example。net领取", "win.example.net"},
		{"bit.example/abc", "bit.example"},
		{"join t.example/promo", "t.example"},
		{"casino-777.me", "casino-777.me"},
		{"1.2.3.4:8080/x", "1.2.3.4"},
		{"foo.github.io", "foo.github.io"},
		{"shop.co.uk", "shop.co.uk"},
		// Neither.
		{"hello world", ""},
		{"I like it.it is good", ""},
		{"good.it", ""},
		{"That is all.My friend", ""},
		{"Привет.Com", ""},
		{"file.go main.rs run.sh README.md node.js script.py", ""},
		{"version 1.2.3 and 1.2.3.4", ""},
		{"3.14", ""},
		{"C:\\\\Users\\\\bob and D:\\games", ""},
		{"call me.now or see.you", ""},
		{"a.k.a. and e.g. this", ""},
		{"bob@example.com", ""},
		{"first.last@example.com", ""},
		{"wait...what", ""},
		{"你好。今天天气不错。com", ""},
		{"co.uk", ""},
		{"://", ""},
		{"http://", ""},
		{"x.y", ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			if got := strings.Join(hostsIn(new(Links), tc.text), " "); got != tc.hosts {
				t.Errorf("found %q, want %q", got, tc.hosts)
			}
		})
	}
}

func TestLinkSpans(t *testing.T) {
	for _, tc := range []struct{ text, link string }{
		{"see https://example.com/a?b#c, now", "https://example.com/a?b#c"},
		{"看www.foo.com/x赌博", "www.foo.com/x"},
		{"看https://example.com赌博", "https://example.com"},
		{"(t.me/promo)", "t.me/promo"},
		{"hxxp://win[.]example[.]net:80/x.", "hxxp://win[.]example[.]net:80/x"},
	} {
		var l Links
		l.Find([]byte(tc.text))
		if len(l.All()) != 1 {
			t.Errorf("%s: found %d links", tc.text, len(l.All()))
			continue
		}
		k := l.All()[0]
		if got := tc.text[k.Start:k.End]; got != tc.link {
			t.Errorf("%s: the link is %q, want %q", tc.text, got, tc.link)
		}
	}
}

func TestDomains(t *testing.T) {
	d := NewDomains([]string{"example.com", "xn--r8jz45g.jp"})
	for host, want := range map[string]bool{
		"example.com": true, "a.b.example.com": true, "xn--r8jz45g.jp": true,
		"notexample.com": false, "example.com.evil.net": false, "com": false, "": false,
	} {
		if d.Has([]byte(host)) != want {
			t.Errorf("%q in the set: %t", host, !want)
		}
	}
	for in, want := range map[string]string{
		"Example.COM": "example.com", "*.example.com": "example.com", ".example.com.": "example.com", "例え.jp": "xn--r8jz45g.jp",
		"https://example.com": "", "example.com/x": "", "": "", "a b": "", "a..b": "", "*": "",
	} {
		if got, err := ParseDomain(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", in, got, err)
		}
	}
}

func TestPhones(t *testing.T) {
	var list []string
	for _, s := range []string{"+86 170", "+1-555-010 07", "(49)151"} {
		n, err := ParsePhone(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	p := NewPhones(list)
	for number, want := range map[string]bool{
		"8617012345678": true, "15550100777": true, "49151": true, "861": false, "8615012345678": false, "": false,
	} {
		if p.HasPrefix(number) != want {
			t.Errorf("%q has a prefix of the set: %t", number, !want)
		}
	}
	for _, bad := range []string{"", "+", "abc", "１２３", "123456789012345678901"} {
		if n, err := ParsePhone(bad); err == nil {
			t.Errorf("%q was read as %q", bad, n)
		}
	}
}

// TestSchemesAgainstXurls wants each address that xurls finds behind http and https to be found,
// beginning at the same place.
func TestSchemesAgainstXurls(t *testing.T) {
	strict := xurls.Strict()
	for _, text := range []string{
		"https://example.com and http://a.b.example.net/x?y=z#f", "(see https://example.org/a_(b))", "https://例え.jp/道",
		"text,https://a.com/x;http://b.com", "<https://a.com>", "https://user:pw@a.com/", "https://a.com:8080", "https://1.2.3.4/",
	} {
		for _, at := range strict.FindAllStringIndex(text, -1) {
			var l Links
			l.Find([]byte(text))
			if !slices.ContainsFunc(l.All(), func(k Link) bool { return int(k.Start) == at[0] }) {
				t.Errorf("%s: xurls finds %q, we do not", text, text[at[0]:at[1]])
			}
		}
	}
}

func TestCleanTextAllocatesNothing(t *testing.T) {
	var l Links
	text := []byte("Plain words, with a stop. And see https://example.com/x (or that). Done.")
	l.Find(text)
	if n := testing.AllocsPerRun(100, func() { l.Find(text) }); n != 0 {
		t.Errorf("finding allocates %v times", n)
	}
}

func FuzzLinks(f *testing.F) {
	for _, s := range []string{
		"https://a.com@b.net/x", "t.me/promo", "win[.]example[.]net", "https://w%69n.example.net", "a。b", "http://[::1]/", "://@[", "www.例え.jp吧",
	} {
		f.Add(s)
	}
	relaxed := xurls.Strict()
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 4096 {
			return
		}
		var l Links
		l.Find([]byte(s))
		last := int32(0)
		for _, k := range l.All() {
			if k.Start < last || k.End <= k.Start || int(k.End) > len(s) || !utf8.ValidString(s[k.Start:k.End]) {
				t.Fatalf("%+q: link %d to %d after %d", s, k.Start, k.End, last)
			}
			last = k.End
			host := string(l.Host(k))
			if host == "" || host != strings.ToLower(host) && isASCII([]byte(host)) {
				t.Fatalf("%+q: host %+q", s, host)
			}
		}
		if m := relaxed.FindString(s); strings.HasPrefix(m, "https://") && len(l.All()) == 0 && hostRune([]byte(m), 8) > 0 {
			t.Fatalf("%+q: xurls finds %+q, we find nothing", s, m)
		}
	})
}
