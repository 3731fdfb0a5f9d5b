package config

import (
	"net/url"
	"slices"
	"strings"
)

// regions are the names that stand for the domain of Tencent's REST API where the application
// lives (https://www.tencentcloud.com/document/product/1047/34620, 2026-11).
var regions = []string{"china", "singapore", "seoul", "tokyo", "frankfurt", "silicon-valley", "jakarta"}

func parseRegionOrURL(s string) (string, error) {
	if slices.Contains(regions, s) {
		return s, nil
	}
	if !strings.Contains(s, "://") {
		hint := "one of " + strings.Join(regions, ", ") + ", or a URL with https://"
		if near := nearest(strings.ToLower(s), regions); near != "" {
			hint = "did you mean " + near + "?"
		}
		return "", &fault{quote(s) + " is not a region", hint}
	}
	return parseURL(s)
}

// parseURL reads the URL of an API: a scheme and a host, since the clients bring path and query.
// It does not repeat the URL: somebody may have put a password there.
func parseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return "", &fault{"is not a URL", "such as https://host"}
	case u.Scheme != "https" && u.Scheme != "http":
		return "", &fault{"has a scheme other than https and http", ""}
	case u.User != nil:
		return "", &fault{"holds a user or password", "credentials have settings of their own"}
	case (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(s, "?#"):
		return "", &fault{"has more than a scheme and a host", "such as https://host"}
	case !isHost(u.Host):
		return "", &fault{"has an odd host", "such as https://host:443"}
	}
	return strings.TrimSuffix(s, "/"), nil
}
