package cams

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"unicode/utf16"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// maxSaid bounds the text of a message in characters, counted as UTF-16 does to be on the safe side
// (https://docs.360dialog.com/docs/messaging/messaging; CAMS names no limit).
const maxSaid = 4096

// SendChatappMessage says something in a group, in the business number's name. The rate slot is taken
// by the caller. CAMS knows no repetitions: a call made twice says it twice. That To takes a group's
// ID is documented by Meta alone.
func (c *Client) SendChatappMessage(ctx context.Context, g chat.GroupID, text string) (requestID string, err error) {
	content, err := json.Marshal(struct {
		Text string `json:"text"`
	}{fitting(text, maxSaid)})
	if err != nil {
		return "", failed(apiSay, actions.Permanent, "request", err)
	}
	a, err := c.invoke(ctx, apiSay, url.Values{
		"ChannelType": {"whatsapp"}, // in lower case, unlike in the group operations
		"Type":        {"message"}, "MessageType": {"text"}, "Content": {string(content)},
		"From": {c.business}, "To": {string(g)}, "RecipientType": {"group"}, "CustSpaceId": {c.space},
	}, slotTaken)
	if err != nil {
		return "", err
	}
	return a.RequestID, nil
}

// sayable tells why a warning can never be said.
func sayable(a chat.Action) error {
	switch {
	case a.Member == "":
		return fmt.Errorf("warning %s names no member", a.ID)
	case a.Intent.Reason == "":
		return fmt.Errorf("warning %s has no text", a.ID)
	}
	return nil
}

// warn says the text of a warning in the group, unless it is about the business number. An accepted
// message may still fail at WhatsApp, which only a receipt tells.
func (s *Sender) warn(ctx context.Context, a chat.Action) actions.Outcome {
	if s.client.isBusiness(a.Member) {
		return actions.Outcome{Class: actions.Immune, Code: "business_number", Text: "the business number is never warned"}
	}
	requestID, err := s.client.SendChatappMessage(ctx, a.Group.ID, a.Intent.Reason)
	if err != nil {
		return faultOf(err).Outcome
	}
	return actions.Outcome{Class: actions.OK, Code: codeOK, RequestID: requestID}
}

// isBusiness tells whether a member is the business number, in any spelling.
func (c *Client) isBusiness(m chat.MemberID) bool {
	return isNumber(string(m), c.business)
}

// fitting shortens s to at most limit characters.
func fitting(s string, limit int) string {
	for i, r := range s {
		if limit -= max(utf16.RuneLen(r), 1); limit < 0 {
			return s[:i]
		}
	}
	return s
}
