package tencent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// platformHeartbeat is the OptPlatform of the bot's own requests. Tencent has none of that name (34355).
const platformHeartbeat = "Heartbeat"

// isHeartbeat tells whether a request says that the bot sent it to itself. It is let in like any other.
func isHeartbeat(query string) bool { return strings.Contains(query, "OptPlatform="+platformHeartbeat) }

// Heartbeat returns the request that Tencent would make for a message, signed with the token that the
// webhook asks for: the path with its query, and the body. Without a token there is no signature.
func Heartbeat(c WebhookConfig, e *chat.Event) (target string, body []byte, err error) {
	requestTime := strconv.FormatInt(e.At.Unix(), 10)
	query := url.Values{
		"SdkAppid": {c.SDKAppID}, "CallbackCommand": {cmdAfterSend}, "contenttype": {"json"},
		"ClientIP": {"127.0.0.1"}, "OptPlatform": {platformHeartbeat},
	}
	if c.Token != "" {
		sum := sha256.Sum256([]byte(c.Token + requestTime))
		query.Set("Sign", hex.EncodeToString(sum[:]))
		query.Set("RequestTime", requestTime)
	}
	type row map[string]any
	body, err = json.Marshal(row{
		"CallbackCommand": cmdAfterSend, "GroupId": e.Group.ID, "Type": e.GroupType,
		"From_Account": e.Member, "Operator_Account": e.Member,
		"Random": uint32(e.At.UnixMilli()), "MsgSeq": uint32(e.At.Unix()), //nolint:gosec // any number will do
		"MsgTime": e.At.Unix(), "EventTime": e.At.UnixMilli(), "OnlineOnlyFlag": 0, "CloudCustomData": "",
		"MsgBody": []row{{"MsgType": "TIMTextElem", "MsgContent": row{"Text": e.Text}}},
	})
	return (*Webhook)(nil).Route() + "?" + query.Encode(), body, err
}
