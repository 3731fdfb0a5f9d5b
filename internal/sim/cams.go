package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const camsVersion = "2020-06-06"

// Codes of CAMS, which come with HTTP 200
// (https://help.aliyun.com/en/chatapp/developer-reference/api-error-codes), and of Meta behind it.
const (
	codeNoAuth      = "Authentication.NoAuth"
	codePage        = "InvalidParameter.PageInvalid"
	codeNumber      = "InvalidParameter.PhoneNumberError"
	codeDigits      = "InvalidParameter.FromOnlyNumeric"
	codeChannel     = "InvalidParameter.ChannelTypeNotSupport"
	codeContent     = "InvalidParameter.ContentError"
	codeMessage     = "InvalidParameter.MessageTypeNotSupport"
	codeInvalid     = "InvalidParameter"
	codeNoGroup     = "131041"
	codeDuplicate   = "131202"
	codeTooMany     = "131204"
	codeReengage    = "131047" // the last message of a member is older than 24 hours
	simulatedHostID = "cams.ap-southeast-1.aliyuncs.com"
)

// camsError is a failure by CAMS itself.
type camsError struct{ code, message string }

func (e *camsError) Error() string { return e.code }

func business(code, message string) error { return &camsError{code, message} }

// operation is one operation: the parameters it takes beside those of all group operations.
type operation struct {
	keys []string
	do   func(*Server, *operationCall) (row, error)
}

// operationCall is one call that the gateway let in.
type operationCall struct {
	url.Values
	call    *Call
	partial bool
}

func operations() map[string]operation {
	group := []string{"BusinessNumber", "CustSpaceId", "ChannelType", "GroupId"}
	with := func(more ...string) []string { return append(slices.Clone(group), more...) }
	return map[string]operation{
		"ListChatGroup": {[]string{"BusinessNumber", "CustSpaceId", "ChannelType", "Page", "GroupStatus", "Subject", "GroupType"},
			(*Server).listChatGroup},
		"ListChatGroupParticipants":   {with("Page"), (*Server).listParticipants},
		"DeleteChatGroupParticipants": {with("List"), (*Server).deleteParticipants},
		"AddChatGroupInviteLink":      {group, (*Server).addInviteLink},
		"DeleteChatGroupInviteLink":   {group, (*Server).deleteInviteLink},
		"DeleteChatGroup":             {group, (*Server).deleteChatGroup},
		"SendChatappMessage": {[]string{"ChannelType", "Type", "MessageType", "Content", "From", "To", "CustSpaceId", "RecipientType", "ContextMessageId"},
			(*Server).sendMessage},
	}
}

// gatewayFail is a refusal by the gateway.
func gatewayFail(status int, code, message string) reply {
	return jsonReply(status, code, row{"Code": code, "Message": message, "HostId": simulatedHostID, "RequestId": "00000000-0000-4000-8000-00000000dead"})
}

// serveCAMS answers one call.
func (s *Server) serveCAMS(w http.ResponseWriter, r *http.Request) {
	at := s.now()
	op, known := s.operations[r.Header.Get("x-acs-action")]
	call := &Call{Provider: CAMS, API: "unknown", At: at}
	if known {
		call.API = r.Header.Get("x-acs-action")
	}
	within, wait := s.windows.arrive(call.API, at, s.options.CAMS.Rate)
	body, bodyErr := readBody(w, r)
	s.answer(w, r, call, func(partial bool) reply {
		if bodyErr != nil {
			return gatewayFail(http.StatusRequestEntityTooLarge, "InvalidParameter", bodyErr.Error())
		}
		if err := s.gate(r, body, at, known); err != nil {
			return gatewayFail(err.status, err.code, err.message)
		}
		if !within {
			rep := gatewayFail(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control.")
			rep.header = limits(s.options.CAMS.Rate, max(wait.Milliseconds(), 1))
			return rep
		}
		return s.operate(op, &operationCall{Values: r.URL.Query(), call: call, partial: partial})
	})
}

// gate is everything that Alibaba's gateway checks.
func (s *Server) gate(r *http.Request, body []byte, at time.Time, known bool) *gatewayError {
	switch {
	case r.URL.Path != "/":
		return gateway(http.StatusNotFound, "InvalidApi.NotFound", "Specified api is not found.")
	case r.Method != http.MethodPost:
		return gateway(http.StatusMethodNotAllowed, "UnsupportedHTTPMethod", "This http method is not supported.")
	}
	if err := s.checkACS(r, body, at); err != nil {
		return err
	}
	switch {
	case r.Header.Get("x-acs-version") != camsVersion:
		return gateway(http.StatusBadRequest, "NoSuchVersion", "The specified version does not exist.")
	case !known:
		return gateway(http.StatusNotFound, "InvalidApi.NotFound", "Specified api is not found.")
	case len(body) > 0:
		return gateway(http.StatusBadRequest, "InvalidParameter", "Parameters stand in the query, the body is empty.")
	}
	return nil
}

// operate checks the parameters' names and carries the operation out.
func (s *Server) operate(op operation, c *operationCall) reply {
	for k, v := range c.Values {
		if !slices.Contains(op.keys, k) || len(v) != 1 {
			return gatewayFail(http.StatusBadRequest, codeInvalid, "Unknown or repeated parameter "+k+".")
		}
	}
	for _, k := range []string{"CustSpaceId", "BusinessNumber", "GroupId"} {
		if slices.Contains(op.keys, k) && c.Get(k) == "" {
			return gatewayFail(http.StatusBadRequest, "Missing"+k, "The parameter "+k+" is mandatory.")
		}
	}
	c.call.Group = c.Get("GroupId")
	err := s.checkCommon(op, c)
	var result row
	if err == nil {
		result, err = op.do(s, c)
	}
	if err != nil {
		return camsFail(err)
	}
	answer := row{"AccessDeniedDetail": "None", "Message": "None", "RequestId": requestID, "Code": "OK", "Success": true}
	for k, v := range result {
		answer[k] = v
	}
	c.fault().bend(answer)
	return jsonReply(http.StatusOK, "OK", answer)
}

// camsFail is a failure of an operation: by the gateway, or by CAMS with HTTP 200.
func camsFail(err error) reply {
	var g *gatewayError
	if errors.As(err, &g) {
		return gatewayFail(g.status, g.code, g.message)
	}
	var c *camsError
	if errors.As(err, &c) {
		return jsonReply(http.StatusOK, c.code, row{"Code": c.code, "Message": c.message, "Success": false, "RequestId": requestID, "AccessDeniedDetail": "None"})
	}
	return gatewayFail(http.StatusInternalServerError, "InternalError", err.Error())
}

const requestID = "00000000-0000-4000-8000-000000000001"

// checkCommon checks the parameters that all group operations share.
func (s *Server) checkCommon(op operation, c *operationCall) error {
	o := s.options.CAMS
	if c.Get("CustSpaceId") != o.CustSpaceID {
		return business(codeNoAuth, "No permission")
	}
	if !slices.Contains(op.keys, "BusinessNumber") {
		return nil
	}
	if ch, there := c.Values["ChannelType"]; there && ch[0] != "WHATSAPP" {
		return business(codeChannel, "The channel type is not supported")
	}
	if !isNumber(c.Get("BusinessNumber")) {
		return business(codeDigits, "From holds digits only")
	}
	if c.Get("BusinessNumber") != o.BusinessNumber {
		return business(codeNumber, "No such business number")
	}
	return nil
}

func isNumber(text string) bool {
	return len(text) >= 5 && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// compact decodes a parameter that is JSON: without blanks, and with known keys only.
func compact(text string, v any) error {
	var tight bytes.Buffer
	if err := json.Compact(&tight, []byte(text)); err != nil || tight.String() != text {
		return fmt.Errorf("not compact JSON")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// page returns the part of n rows that a call asks for.
func (c *operationCall) page(n int) (from, to int, err error) {
	p := struct{ Index, Size int }{1, 10}
	if c.Has("Page") {
		p.Index, p.Size = 0, 0
		if compact(c.Get("Page"), &p) != nil || p.Index < 1 || p.Size < 1 || p.Size > 100 {
			return 0, 0, business(codePage, "The page is invalid")
		}
	}
	if p.Index > n/p.Size+1 {
		return n, n, nil
	}
	from = min((p.Index-1)*p.Size, n)
	return from, min(from+p.Size, n), nil
}
