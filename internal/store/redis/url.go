package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// parseURL reads a Redis URL:
//
//	redis://user:password@host:port/db                 rediss:// with TLS
//	redis+sentinel://user:password@host,host/master/db  rediss+sentinel:// with TLS
//	redis+cluster://user:password@host,host            rediss+cluster:// with TLS
//
// Sentinels that want a password of their own get it by ?sentinel_username=…&sentinel_password=…
// The second result are the secrets that it found. No error repeats any part of the user, the
// password or the query.
func parseURL(raw string) (*goredis.UniversalOptions, []string, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, nil, errors.New("redis url: no scheme (write redis://host:6379)")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	o, secrets := &goredis.UniversalOptions{}, []string(nil)
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		var err error
		if o.Username, o.Password, err = userinfo(authority[:at]); err != nil {
			return nil, nil, err
		}
		authority = authority[at+1:]
		secrets = appendSecret(secrets, o.Password, authority)
	}
	kind, port := strings.TrimPrefix(strings.TrimPrefix(scheme, "rediss"), "redis"), "6379"
	if kind == "+sentinel" {
		port = "26379"
	}
	if (kind != "" && kind != "+sentinel" && kind != "+cluster") || !strings.HasPrefix(scheme, "redis") {
		return nil, nil, errors.New(
			"redis url: unknown scheme (use redis, rediss, redis+sentinel or redis+cluster)")
	}
	var err error
	if o.Addrs, err = addresses(authority, port); err != nil {
		return nil, nil, err
	}
	if strings.HasPrefix(scheme, "rediss") {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if len(o.Addrs) == 1 {
			o.TLSConfig.ServerName, _, _ = net.SplitHostPort(o.Addrs[0])
		}
	}
	if err := readPath(o, kind, path); err != nil {
		return nil, nil, err
	}
	if secrets, err = sentinelAuth(o, kind, query, secrets); err != nil {
		return nil, nil, err
	}
	return o, secrets, nil
}

// readPath reads the path: a database, after the master's name with Sentinel.
func readPath(o *goredis.UniversalOptions, kind, path string) error {
	db := path
	switch kind {
	case "+sentinel":
		o.MasterName, db, _ = strings.Cut(path, "/")
		if o.MasterName == "" {
			return errors.New("redis url: no master name (write redis+sentinel://host,host/master/0)")
		}
	case "+cluster":
		o.IsClusterMode = true
		if db != "" && db != "0" {
			return errors.New("redis url: a cluster has database 0 only")
		}
	default:
		if len(o.Addrs) > 1 {
			return errors.New("redis url: several hosts need redis+sentinel:// or redis+cluster://")
		}
	}
	if db == "" {
		return nil
	}
	n, err := strconv.ParseUint(db, 10, 16)
	if err != nil {
		return fmt.Errorf("redis url: database %q is not a number", db)
	}
	o.DB = int(n)
	return nil
}

func sentinelAuth(o *goredis.UniversalOptions, kind, query string, secrets []string) ([]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("redis url: the query is not valid")
	}
	for key := range values {
		switch {
		case kind == "+sentinel" && key == "sentinel_username":
			o.SentinelUsername = values.Get(key)
		case kind == "+sentinel" && key == "sentinel_password":
			o.SentinelPassword = values.Get(key)
			secrets = appendSecret(secrets, o.SentinelPassword, "")
		default:
			return nil, errors.New("redis url: unknown query parameter")
		}
	}
	return secrets, nil
}

// userinfo splits user:password. A password that is not percent-encoded correctly is an error.
func userinfo(s string) (user, password string, err error) {
	rawUser, rawPassword, _ := strings.Cut(s, ":")
	user, errUser := url.PathUnescape(rawUser)
	password, errPassword := url.PathUnescape(rawPassword)
	if errUser != nil || errPassword != nil {
		return "", "", errors.New("redis url: user or password is not percent-encoded correctly")
	}
	return user, password, nil
}

// appendSecret keeps a secret for redaction. One that is part of the address cannot be told from it.
func appendSecret(secrets []string, secret, address string) []string {
	if secret == "" || strings.Contains(address, secret) {
		return secrets
	}
	return append(secrets, secret)
}

// addresses splits a list of hosts, each with or without a port.
func addresses(list, port string) ([]string, error) {
	var out []string
	for _, host := range strings.Split(list, ",") {
		if h, p, err := net.SplitHostPort(host); err == nil {
			if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || h == "" {
				return nil, errors.New("redis url: a host or port is not valid")
			}
			out = append(out, net.JoinHostPort(h, p))
			continue
		}
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
		if host == "" || (strings.Contains(host, ":") && net.ParseIP(host) == nil) {
			return nil, errors.New("redis url: a host or port is not valid")
		}
		out = append(out, net.JoinHostPort(host, port))
	}
	return out, nil
}
