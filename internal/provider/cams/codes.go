package cams

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// Codes that decide more than a class.
const (
	codeOK           = "OK"
	codeWrongSecret  = "SignatureDoesNotMatch" // the key is known, its secret is another
	metaUnknownGroup = "131041"
	metaPartial      = "131201"
	metaGroupLimit   = "131208"
	metaNotMember    = "131212"
	metaThroughput   = "130429" // messages of the business number, per second
	metaPairRate     = "131056" // messages to one recipient
)

// classOf says what to do after a failed call. The code decides, since throttling comes with HTTP
// 400 and the status of one code differs between products; the status decides only about codes
// that are not known (https://help.aliyun.com/en/document_detail/434846.html for the gateway,
// https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/error-codes/ and
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes for
// Meta's, May 2026). A message outside the 24 hours after a member's last one (131047) is refused for
// good.
func classOf(status int, code, meta string) actions.Class {
	switch {
	case throttled(code), meta == metaGroupLimit, meta == metaThroughput:
		return actions.Limited
	case meta == metaPairRate: // others can be written to meanwhile
		return actions.Again
	case meta != "" && status < 500:
		return actions.Permanent
	case wantsNewKey(code) || code == "InvalidAccessKeyId.Inactive":
		return actions.Auth
	case wantsNewSignature(code), code == "ServiceUnavailable", code == "InternalError":
		return actions.Again
	case status == http.StatusTooManyRequests:
		return actions.Limited
	case status >= 500 || code == "" || code == codeOK:
		return actions.Again
	default:
		return actions.Permanent
	}
}

// down tells whether an answer is a failure within the provider, or none of the provider's at all: a
// page of something in between, or a part of an answer.
func down(status int, code string) bool {
	return status >= 500 || code == "" || code == codeOK || code == "ServiceUnavailable" || code == "InternalError"
}

// oneOfMany tells whether a refusal for good of a call that names several participants can be about
// a single one of them. CAMS documents no codes of its own for groups, so a complaint about a
// parameter can be; of Meta's codes all can but those about the group, the business number or the
// account (https://developers.facebook.com/documentation/business-messaging/whatsapp/groups/error-codes/).
func oneOfMany(code, meta string) bool {
	switch meta {
	case "":
		return strings.HasPrefix(code, "InvalidParameter") || strings.Contains(code, "Participant")
	case "131005", "131020", "131031", metaUnknownGroup, "131042", "131059", "131207", "131209", "131210", "131211",
		"131213", "131214", "131215":
		return false
	}
	return true
}

func throttled(code string) bool {
	return code == "Throttling" || strings.HasPrefix(code, "Throttling.")
}

// wantsNewKey tells of a credential that the gateway does not know or no longer takes, or whose secret is
// another: the actions wait for a right one, and none of them is given up for it.
func wantsNewKey(code string) bool {
	return code == "InvalidAccessKeyId.NotFound" || code == codeWrongSecret || strings.HasPrefix(code, "InvalidSecurityToken.")
}

// wantsNewSignature tells of a request that was fine but for its nonce or its date.
func wantsNewSignature(code string) bool {
	return code == "SignatureNonceUsed" || code == "InvalidTimeStamp.Expired"
}

// metaCode returns the six-digit code of Meta that an answer carries: as its code, as the last part
// of it, or in front of the text as in delivery receipts ("131026:Receiver is ...").
func metaCode(code, text string) string {
	head, _, _ := strings.Cut(text, ":")
	for _, s := range []string{code[strings.LastIndexByte(code, '.')+1:], head} {
		if n, err := strconv.Atoi(s); err == nil && len(s) == 6 && n >= 130000 && n < 140000 {
			return s
		}
	}
	return ""
}

// maxWait bounds what a header may ask for.
const maxWait = 5 * time.Minute

// waitOf reads how long the gateway wants to be left alone: TimeLeft in milliseconds
// (https://help.aliyun.com/en/openapi/throttling-and-quota-management).
func waitOf(h http.Header) time.Duration {
	var wait time.Duration
	for _, name := range []string{"x-ratelimit-user-api", "x-ratelimit-user"} {
		for pair := range strings.SplitSeq(h.Get(name), ",") {
			key, val, _ := strings.Cut(pair, ":")
			if !strings.EqualFold(strings.TrimSpace(key), "TimeLeft") {
				continue
			}
			ms, err := strconv.ParseInt(strings.TrimSpace(val), 10, 64)
			if err == nil && ms > 0 {
				wait = max(wait, min(time.Duration(min(ms, maxWait.Milliseconds()))*time.Millisecond, maxWait))
			}
		}
	}
	return wait
}
