package redis

import (
	"slices"
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	for _, test := range []struct {
		url      string
		addrs    []string
		user     string
		password string
		db       int
		master   string
		cluster  bool
		tls      bool
	}{
		{url: "redis://localhost", addrs: []string{"localhost:6379"}},
		{url: "redis://localhost:7000/3", addrs: []string{"localhost:7000"}, db: 3},
		{url: "redis://:pw@10.0.0.1/0", addrs: []string{"10.0.0.1:6379"}, password: "pw"},
		{url: "redis://u:p%40%2F%3A%3Fw@h", addrs: []string{"h:6379"}, user: "u", password: "p@/:?w"},
		{url: "redis://u:p@w@h", addrs: []string{"h:6379"}, user: "u", password: "p@w"},
		{url: "redis://[::1]:7000", addrs: []string{"[::1]:7000"}},
		{url: "redis://[::1]", addrs: []string{"[::1]:6379"}},
		{url: "rediss://h", addrs: []string{"h:6379"}, tls: true},
		{url: "redis+sentinel://a,b:1,[::1]:2/mymaster", addrs: []string{"a:26379", "b:1", "[::1]:2"}, master: "mymaster"},
		{url: "rediss+sentinel://u:p@a/m/2", addrs: []string{"a:26379"}, user: "u", password: "p", master: "m", db: 2, tls: true},
		{url: "redis+cluster://a,b:7001", addrs: []string{"a:6379", "b:7001"}, cluster: true},
		{url: "rediss+cluster://a/0", addrs: []string{"a:6379"}, cluster: true, tls: true},
	} {
		t.Run(test.url, func(t *testing.T) {
			o, secrets, err := parseURL(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(o.Addrs, test.addrs) || o.Username != test.user || o.Password != test.password ||
				o.DB != test.db || o.MasterName != test.master || o.IsClusterMode != test.cluster || (o.TLSConfig != nil) != test.tls {
				t.Errorf("%v %q %q db %d master %q cluster %v tls %v", o.Addrs, o.Username, o.Password, o.DB,
					o.MasterName, o.IsClusterMode, o.TLSConfig != nil)
			}
			if test.password != "" && !slices.Contains(secrets, test.password) {
				t.Error("the password is not known as a secret")
			}
		})
	}
	o, secrets, err := parseURL("redis+sentinel://h/m?sentinel_username=su&sentinel_password=s%26p")
	if err != nil || o.SentinelUsername != "su" || o.SentinelPassword != "s&p" || !slices.Equal(secrets, []string{"s&p"}) {
		t.Errorf("sentinel's own password: %+v, %v, %v", o, secrets, err)
	}
}

func TestBadURLsAreRefusedWithoutRepeatingSecrets(t *testing.T) {
	for _, url := range []string{
		"", "localhost", "http://u:secret@h", "redis:/u:secret@h", "redis://", "redis://u:secret@", "redis://u:secret@h:0",
		"redis://u:secret@h:x", "redis://u:secret@h:99999", "redis://u:secret%zz@h", "redis://u:secret@a,b", "redis://u:secret@h/x",
		"redis://u:secret@h/-1", "redis://u:secret@h?password=secret", "redis://h?%zz=secret", "redis+sentinel://u:secret@h",
		"redis+sentinel://u:secret@h/", "redis+sentinel://u:secret@h/m/x", "redis+cluster://u:secret@h/1", "redis+other://u:secret@h",
		"redis://u:secret@h::1", "redis://u:secret@ho:st:1", "rediss+sentinel://u:secret@h/m?sentinel_passwort=secret",
	} {
		_, _, err := parseURL(url)
		switch {
		case err == nil:
			t.Errorf("%q was accepted", url)
		case strings.Contains(err.Error(), "secret"):
			t.Errorf("%q: %v repeats the password", url, err)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"redis://u:p@h:1/2", "rediss://[::1]", "redis+sentinel://a,b/m/1?sentinel_password=x", "redis+cluster://a,b", "redis://@", "://",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		const password = "correct-horse-battery"
		o, _, err := parseURL(raw)
		if err == nil && (len(o.Addrs) == 0 || slices.ContainsFunc(o.Addrs, func(a string) bool { return !strings.Contains(a, ":") })) {
			t.Errorf("%q gives the addresses %q", raw, o.Addrs)
		}
		// Whatever is wrong with the rest, a password in its place is never repeated.
		scheme, rest, _ := strings.Cut(raw, "://")
		if _, _, err := parseURL(scheme + "://u:" + password + "@" + rest); err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%v repeats the password", err)
		}
	})
}
