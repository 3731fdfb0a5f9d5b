package sim

import (
	"encoding/json"
	"fmt"
)

// tellInbound pushes a message of a WhatsApp group, repeat times. That an inbound message names its
// group at all is an assumption, hence the key is an option.
func (s *Server) tellInbound(g Group, said Said, repeat int) error {
	o := s.options.CAMS
	_, target := s.hooks.urls()
	if target == "" {
		return nil
	}
	m := mail{
		provider: CAMS, name: "ChatAppInbound", group: g.ID, target: func() string { return target }, body: o.inbound(g, said),
		timeout: o.HookTimeout, pauses: o.HookRetries, again: func(heard, error) bool { return true }, good: camsAccepted,
	}
	for range max(repeat, 1) {
		if err := s.hooks.send(s.ctx, m, true); err != nil {
			return err
		}
	}
	return nil
}

// camsAccepted reports whether CAMS takes an answer for success: HTTP 200 and a numeric code 0.
func camsAccepted(status int, body []byte) bool {
	var v struct {
		Code *float64 `json:"code"`
	}
	return status == 200 && json.Unmarshal(body, &v) == nil && v.Code != nil && *v.Code == 0
}

// inbound encodes a push, with the quirks that are switched on
// (https://www.alibabacloud.com/help/en/chatapp/developer-reference/chatappinbound, 2026-06-08).
func (o CAMSOptions) inbound(g Group, said Said) []byte {
	plus := ""
	if o.Quirks.Plus {
		plus = "+"
	}
	stamp := "Timestamp"
	if o.Quirks.SpacedTimestamp {
		stamp += " "
	}
	var message any = said.Text
	if o.Quirks.ObjectMessage {
		message = row{"text": said.Text}
	}
	item := row{
		"MessageId": said.ID, "From": plus + said.Member, "To": plus + o.BusinessNumber, "DisplayName": said.Member, "Name": said.Member,
		"Type": "TEXT", "Message": message, stamp: said.At.UnixMilli(), "CustSpaceId": o.CustSpaceID, "WabaId": "900000000000001",
		"NoticeType": "inbound", o.GroupKey: g.ID,
	}
	var push any = []row{item}
	if o.Quirks.SingleObject {
		push = item
	}
	body := encode(push)
	if o.Quirks.DoubleEncoded {
		body = encode(string(body))
	}
	return body
}

// encode is for values of this package, none of which can fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sim: encoding a push: %v", err))
	}
	return b
}
