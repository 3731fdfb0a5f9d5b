package config

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Nothing in this file may quote what it parses.

func parseToken(s string) (Secret, error) {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0 {
		return "", &fault{"holds a space or control character", "check the quotes around it, and its end"}
	}
	return Secret(s), nil
}

// parseWebhookToken reads Tencent's webhook token: 1 to 128 characters
// (https://www.tencentcloud.com/document/product/647/69528).
func parseWebhookToken(s string) (Secret, error) {
	if len(s) > 128 {
		return "", &fault{"has more than 128 characters", "Tencent's console takes 1 to 128"}
	}
	return parseToken(s)
}

var pathSecretPattern = regexp.MustCompile(`^[A-Za-z0-9._~-]*$`)

// minPathSecret is how short the secret in the CAMS webhook URL may be.
const minPathSecret = 16

func parsePathSecret(s string) (Secret, error) {
	if len(s) < minPathSecret {
		return "", &fault{"has fewer than 16 characters", "make one with: openssl rand -hex 32"}
	}
	if len(s) > 256 {
		return "", &fault{"has more than 256 characters", ""}
	}
	if !pathSecretPattern.MatchString(s) {
		return "", &fault{"holds a character that a URL's path would escape", "use letters, digits, - . _ ~"}
	}
	return Secret(s), nil
}

const redisURLHint = "such as redis://localhost:6379/0, redis+sentinel://host,host/master/0 or redis+cluster://host,host"

// parseRedisURL checks the shape of a Redis URL. It takes the URL apart by hand, because net/url
// refuses a list of hosts with ports and repeats the URL in its errors.
func parseRedisURL(s string) (Secret, error) {
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return "", &fault{"is not a URL", redisURLHint}
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if _, err := url.PathUnescape(authority[:at]); err != nil || strings.ContainsAny(authority[:at], "#@") {
			return "", &fault{"has a user or password that is not escaped", "write %40 for @, %2F for /, %23 for #, %25 for %"}
		}
		authority = authority[at+1:]
	}
	hosts := strings.Split(authority, ",")
	for _, host := range hosts {
		if !isHost(host) {
			return "", &fault{"has no host, or an odd one", redisURLHint + "; / and @ in a password are written %2F and %40"}
		}
	}
	if err := checkRedisPath(scheme, path, len(hosts)); err != nil {
		return "", err
	}
	if err := checkRedisQuery(scheme, query); err != nil {
		return "", err
	}
	return Secret(s), nil
}

// checkRedisQuery lets through only what the store knows: the login of the sentinels themselves.
func checkRedisQuery(scheme, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return &fault{"has a query that is not valid", ""}
	}
	for key := range values {
		if !strings.HasSuffix(scheme, "+sentinel") || (key != "sentinel_username" && key != "sentinel_password") {
			return &fault{"has an unknown parameter after the question mark", "only sentinel_username and sentinel_password, with Sentinel"}
		}
	}
	return nil
}

func checkRedisPath(scheme, path string, hosts int) error {
	db := path
	switch scheme {
	case "redis", "rediss":
		if hosts > 1 {
			return &fault{"names several hosts", "redis+sentinel:// and redis+cluster:// take a list"}
		}
	case "redis+sentinel", "rediss+sentinel":
		var master string
		if master, db, _ = strings.Cut(path, "/"); master == "" {
			return &fault{"has no name of the master", "redis+sentinel://host,host/master/db"}
		}
	case "redis+cluster", "rediss+cluster":
		if path != "" && path != "0" {
			return &fault{"has a path", "a cluster has one database only: redis+cluster://host,host"}
		}
	default:
		return &fault{"has an unknown scheme", redisURLHint}
	}
	if _, err := strconv.ParseUint(db, 10, 16); db != "" && err != nil {
		return &fault{"has a database that is not a number", redisURLHint}
	}
	return nil
}

var hostPattern = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

func isHost(s string) bool { return hostPattern.MatchString(s) }
