package doctor

import (
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Call is what one harmless call said about a provider's account.
type Call struct {
	Provider chat.Provider
	API      string
	Account  string // the settings that name it, such as "BOT_TENCENT_SDK_APP_ID 1400000000, region china"
	Outcome  actions.Outcome
	Groups   int
	Skew     time.Duration // how far the provider's clock is ahead
	Timed    bool          // the skew is known
	MostSkew time.Duration // past it webhooks or calls are refused; 0: they never are
}

// Provider looks at it.
func Provider(c Call) []Check {
	about := string(c.Provider)
	var out []Check
	switch o := c.Outcome; o.Class {
	case actions.OK:
		out = append(out, ok(about, "%s takes our credentials and has %s (%s)", c.Account, count(c.Groups, "group"), c.API))
	case actions.Limited:
		out = append(out, warning(about, "ask again in a minute", "%s of %s was asked too often just now (%s): the credentials were not looked at", c.API, c.Account, o.Code))
	default:
		fix := fixTencent(o.Code)
		if c.Provider == chat.CAMS {
			fix = fixCAMS(o.Code)
		}
		text := o.Code
		if o.Text != "" {
			text += " " + o.Text
		}
		out = append(out, failure(about, fix, "%s of %s is refused: %s", c.API, c.Account, text))
		if o.Class == actions.Again {
			out[len(out)-1].Text = fmt.Sprintf("%s of %s has no answer that counts: %s", c.API, c.Account, text)
		}
	}
	if c.Timed {
		out = append(out, Clock("the clock of "+about, c.Skew, c.MostSkew))
	}
	return out
}

// fixTencent says what cures a refusal by its code (https://trtc.io/document/34348, 2025).
func fixTencent(code string) string {
	switch code {
	case "60010", "70403":
		return "name an app admin of the application in BOT_TENCENT_IDENTIFIER (console: Account management)"
	case "60026", "60006", "60012", "70016", "70020":
		return "see that BOT_TENCENT_ENDPOINT is the region of the application, and BOT_TENCENT_SDK_APP_ID its SDKAppID"
	case "70001", "70002", "70003", "70005", "70009", "70013", "70014":
		return "see that BOT_TENCENT_SECRET_KEY is the key of this SDKAppID, and that the clock is right"
	case "70050":
		return "the UserSig was refused too often: wait a minute, and see that BOT_TENCENT_SECRET_KEY is right"
	case "60020", "60028", "80005":
		return "see the plan and the bill of the application in Tencent's console"
	case "60021":
		return "add this machine's address to the list of those allowed in Tencent's console"
	case "error", "bad_answer":
		return "see that BOT_TENCENT_ENDPOINT is right, and that this machine reaches it (DNS, firewall, proxy)"
	}
	return "see the code in Tencent's list of errors (https://trtc.io/document/34348)"
}

// fixCAMS says what cures a refusal by its code
// (https://help.aliyun.com/en/chatapp/developer-reference/api-error-codes, 2026).
func fixCAMS(code string) string {
	switch code {
	case "credentials":
		return "give credentials: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or a role of the machine"
	case "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch", "IncompleteSignature":
		return "see that the access key exists, is active, and goes with its secret"
	case "NoPermission", "Forbidden", "Forbidden.RAM":
		return "give the RAM user cams:ListChatGroup, cams:ListChatGroupParticipants and cams:DeleteChatGroupParticipants"
	case "Authentication.NoAuth":
		return "see that BOT_CAMS_CUST_SPACE_ID is a channel of this Alibaba Cloud account"
	case "InvalidParameter.PhoneNumberError", "InvalidParameter.FromOnlyNumeric":
		return "see that BOT_CAMS_BUSINESS_NUMBER is a number of this channel"
	case "InvalidTimeStamp.Expired":
		return "have this machine's clock set by NTP"
	case "error":
		return "see that BOT_CAMS_ENDPOINT is right, and that this machine reaches it (DNS, firewall, proxy)"
	}
	return "see the code in the list of errors (https://help.aliyun.com/en/chatapp/developer-reference/api-error-codes)"
}
