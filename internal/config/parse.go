package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parsers of values that are not secret quote what they were given; those of secrets, in
// parse_secret.go, never do.

// maxQuoted is how much of a wrong value a message repeats.
const maxQuoted = 64

func quote(s string) string {
	if len(s) > maxQuoted {
		cut := maxQuoted
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strconv.Quote(s)
}

func parsePath(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", &fault{"holds a zero byte", ""}
	}
	return s, nil
}

func parseWord(s string) (string, error) {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0 {
		return "", &fault{quote(s) + " holds a space or control character", ""}
	}
	return s, nil
}

func parseUserID(s string) (string, error) {
	if len(s) > 32 { // https://www.tencentcloud.com/document/product/1047/34385
		return "", &fault{quote(s) + " has more than 32 bytes", ""}
	}
	return parseWord(s)
}

func parseAddress(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		if _, atoi := strconv.Atoi(s); atoi == nil {
			return "", &fault{quote(s) + " has no host part", fmt.Sprintf("did you mean %q?", ":"+s)}
		}
		return "", &fault{quote(s) + " is not host:port", "such as 127.0.0.1:8080 or :8080"}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", &fault{quote(s) + " has no port from 0 to 65535", ""}
	}
	return parseWord(s)
}

func between(low, high int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, &fault{quote(s) + " is not a whole number", fmt.Sprintf("%d to %d", low, high)}
		}
		if n < low || n > high {
			return 0, &fault{fmt.Sprintf("%d is out of range", n), fmt.Sprintf("%d to %d", low, high)}
		}
		return n, nil
	}
}

func parseAppID(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0, &fault{quote(s) + " is not an SDKAppID", "a whole number such as 1400000000; leave it out to keep Tencent off"}
	}
	return uint32(n), nil
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, &fault{quote(s) + " is neither true nor false", ""}
}

func oneOf(words ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if slices.Contains(words, s) {
			return s, nil
		}
		hint := "one of " + strings.Join(words, ", ")
		if lower := strings.ToLower(s); slices.Contains(words, lower) {
			hint = fmt.Sprintf("did you mean %q?", lower)
		}
		return "", &fault{quote(s) + " is not possible here", hint}
	}
}

var phonePattern = regexp.MustCompile(`^\+?([1-9][0-9]{4,14})$`)

// parsePhone returns the digits of a number in international form (E.164: at most 15 of them).
func parsePhone(s string) (string, error) {
	m := phonePattern.FindStringSubmatch(s)
	if m == nil {
		return "", &fault{quote(s) + " is not a phone number", "country code and number in digits, such as 15550100099"}
	}
	return m[1], nil
}

// maxItems bounds a list of groups: WhatsApp allows one number 10,000 of them
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/).
const maxItems = 10_000

func parseItems(items []string) ([]string, error) {
	if len(items) > maxItems {
		return nil, &fault{fmt.Sprintf("has more than %d entries", maxItems), ""}
	}
	out, seen := make([]string, 0, len(items)), map[string]bool{}
	for i, item := range items {
		item = strings.TrimSpace(item)
		if item == "" {
			return nil, &fault{fmt.Sprintf("entry %d is empty", i+1), "look for a comma too many"}
		}
		if !seen[item] {
			seen[item] = true
			out = append(out, item)
		}
	}
	return out, nil
}
