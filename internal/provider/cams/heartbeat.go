package cams

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// Heartbeat returns the push that CAMS would make for a message, with the secret that the webhook asks
// for: the path and the body. The group stands under the first of the configured keys, whatever else
// would stand there.
func Heartbeat(c WebhookConfig, e *chat.Event) (target string, body []byte, err error) {
	item := map[string]any{
		"MessageId": e.ID, "From": e.Member, "To": c.BusinessNumber, "Type": "TEXT", "Message": e.Text,
		"Timestamp": e.At.UnixMilli(), "CustSpaceId": c.CustSpaceID, "NoticeType": "inbound",
	}
	key := NewWebhook(WebhookConfig{GroupKeys: c.GroupKeys}).keys[0]
	for name := range item {
		if strings.ToLower(name) == key {
			delete(item, name)
		}
	}
	item[key] = e.Group.ID
	body, err = json.Marshal([]any{item})
	secret := c.Secret
	if secret == "" {
		secret = "none" // the path has a last segment all the same
	}
	return strings.TrimSuffix((*Webhook)(nil).Route(), ":secret") + url.PathEscape(secret), body, err
}
