package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Values of OptPlatform.
const (
	platformApp  = "Android"
	platformREST = "RESTAPI"
)

// Callback commands (https://www.tencentcloud.com/document/product/1047/34355).
const (
	beforeSend   = "Group.CallbackBeforeSendMsg"
	afterSend    = "Group.CallbackAfterSendMsg"
	beforeApply  = "Group.CallbackBeforeApplyJoinGroup"
	beforeInvite = "Group.CallbackBeforeInviteJoinGroup"
	afterJoin    = "Group.CallbackAfterNewMemberJoin"
	afterExit    = "Group.CallbackAfterMemberExit"
	stateChange  = "Group.CallbackOnMemberStateChange"
)

// HookSign returns the Sign of a Tencent webhook: the token and the time, hashed in one
// (https://trtc.io/document/34354).
func HookSign(token, requestTime string) string {
	sum := sha256.Sum256([]byte(token + requestTime))
	return hex.EncodeToString(sum[:])
}

// tencentMail makes a webhook; ok is false when the command is switched off or nobody listens.
func (s *Server) tencentMail(g Group, command, platform string, at time.Time, body row) (m mail, ok bool) {
	o := s.options.Tencent
	base, _ := s.hooks.urls()
	if base == "" || slices.Contains(o.HooksOff, command) {
		return mail{}, false
	}
	body["CallbackCommand"], body["GroupId"] = command, g.ID
	switch {
	case o.EventTimeMissing:
	case o.EventTimeAsText:
		body["EventTime"] = strconv.FormatInt(at.UnixMilli(), 10)
	default:
		body["EventTime"] = at.UnixMilli()
	}
	encoded, err := json.Marshal(body)
	if err != nil { // strings, numbers and lists of them cannot fail
		panic(fmt.Sprintf("sim: encoding a webhook: %v", err))
	}
	query := url.Values{"SdkAppid": {strconv.FormatUint(o.SDKAppID, 10)}, "CallbackCommand": {command}, "contenttype": {"json"}}
	if command != stateChange { // whose query names neither
		query.Set("ClientIP", "203.0.113.24")
		query.Set("OptPlatform", platform)
	}
	target := func() string {
		now := strconv.FormatInt(s.now().Unix(), 10)
		return base + "?" + query.Encode() + "&Sign=" + HookSign(o.WebhookToken, now) + "&RequestTime=" + now
	}
	return mail{
		provider: Tencent, name: command, group: g.ID, target: target, body: encoded, timeout: o.HookTimeout,
		pauses: o.HookRetries, again: func(_ heard, err error) bool { return errors.Is(err, context.DeadlineExceeded) }, good: isJSON200,
	}, true
}

// verdict is the bot's answer to a before-event.
type verdict struct {
	ActionStatus           string
	ErrorCode              int
	ErrorInfo              string
	RefusedMembers_Account []string
}

func isJSON200(status int, body []byte) bool {
	var v verdict
	return status == 200 && json.Unmarshal(body, &v) == nil
}

// ask sends a before-event once and returns the bot's verdict. A webhook that fails lets the event
// pass, unless the console says otherwise.
func (s *Server) ask(m mail) verdict {
	got, err := s.hooks.post(m)
	var v verdict
	if err == nil {
		err = json.Unmarshal(got.body, &v)
	}
	if err != nil {
		if s.options.Tencent.BlockOnFailure {
			return verdict{ErrorCode: 80003, ErrorInfo: "the webhook failed"}
		}
		return verdict{}
	}
	return v
}

// refusal returns the error that a sender or joiner sees, nil when the verdict lets him pass.
func (v verdict) refusal() (code int, err error) {
	switch {
	case v.ErrorCode == 1:
		return 10016, fmt.Errorf("%w: by the bot (10016)", ErrRefused)
	case v.ErrorCode >= 10100 && v.ErrorCode <= 10200, v.ErrorCode == 80003:
		return v.ErrorCode, fmt.Errorf("%w: by the bot (%d)", ErrRefused, v.ErrorCode)
	}
	return 0, nil
}

func messageBody(g Group, said Said, operator string) row {
	fill(&operator, said.Member)
	body := row{
		"Type": g.Type, "From_Account": said.Member, "Operator_Account": operator, "Random": said.Random, "MsgId": said.ID,
		"OnlineOnlyFlag": 0, "CloudCustomData": "",
		"MsgBody": []row{{"MsgType": "TIMTextElem", "MsgContent": row{"Text": said.Text}}},
	}
	if said.Topic != "" {
		body["TopicId"] = said.Topic
	}
	return body
}

// askSay asks the bot whether a message may be sent.
func (s *Server) askSay(g Group, said Said, operator, platform string) (Said, error) {
	fill(&platform, platformApp)
	m, on := s.tencentMail(g, beforeSend, platform, said.At, messageBody(g, said, operator))
	if !on {
		return said, nil
	}
	v := s.ask(m)
	if v.ErrorCode == 2 {
		said.dropped = true
		return said, nil
	}
	code, err := v.refusal()
	said.Code, said.Note = code, v.ErrorInfo
	if err == nil {
		said.Note = ""
	}
	return said, err
}

func (s *Server) afterSay(g Group, said Said, operator, platform string) (mail, bool) {
	body := messageBody(g, said, operator)
	body["MsgSeq"], body["MsgTime"] = said.Seq, said.At.Unix()
	return s.tencentMail(g, afterSend, platform, said.At, body)
}

// tellSay reports a delivered message, repeat times.
func (s *Server) tellSay(ctx context.Context, g Group, said Said, operator string, repeat int) error {
	m, on := s.afterSay(g, said, operator, platformApp)
	for i := 0; on && i < max(repeat, 1); i++ {
		if err := s.hooks.send(ctx, m, true); err != nil {
			return err
		}
	}
	return nil
}

// echoSay reports a message that came through REST.
func (s *Server) echoSay(g Group, said Said, operator string) {
	if m, on := s.afterSay(g, said, operator, platformREST); on {
		_ = s.hooks.send(s.ctx, m, false) // fails only when closed
	}
}

func accountList(ids []string) []row {
	list := make([]row, len(ids))
	for i, id := range ids {
		list[i] = row{"Member_Account": id}
	}
	return list
}

// askJoin asks the bot whether they may come in. It returns whom it refuses among several.
func (s *Server) askJoin(g Group, a Arrival) (refused []string, err error) {
	command, body := beforeInvite, row{"Type": g.Type, "Operator_Account": a.Inviter, "DestinationMembers": accountList(a.Members)}
	if a.Inviter == "" {
		command, body = beforeApply, row{"Type": g.Type, "Requestor_Account": a.Members[0], "ApplyMsg": ""}
	}
	fill(&a.platform, platformApp)
	m, on := s.tencentMail(g, command, a.platform, a.At, body)
	if !on {
		return nil, nil
	}
	v := s.ask(m)
	_, err = v.refusal()
	return v.RefusedMembers_Account, err
}

// joinMail makes the webhook that reports an arrival.
func (s *Server) joinMail(g Group, a Arrival) (mail, bool) {
	kind, operator := "Invited", a.Inviter
	if a.Inviter == "" {
		kind, operator = "Apply", a.Members[0]
		if g.Type == Public && g.Owner != "" {
			operator = g.Owner // who approved it
		}
	}
	fill(&a.platform, platformApp)
	return s.tencentMail(g, afterJoin, a.platform, a.At, row{
		"Type": g.Type, "JoinType": kind, "Operator_Account": operator, "NewMemberList": accountList(a.Members),
	})
}

// tellJoin reports an arrival; in an AVChatRoom by two webhooks.
func (s *Server) tellJoin(g Group, a Arrival) error {
	for range max(a.Repeat, 1) {
		if m, on := s.joinMail(g, a); on {
			if err := s.hooks.send(s.ctx, m, true); err != nil {
				return err
			}
		}
	}
	if g.Type != AVChatRoom {
		return nil
	}
	state := row{"EventType": "Online", "EventCause": "Join", "MemberList": accountList(a.Members)}
	if m, on := s.tencentMail(g, stateChange, "", a.At, state); on {
		return s.hooks.send(s.ctx, m, true)
	}
	return nil
}

func (s *Server) exitMail(g Group, kind, operator, platform string, members []string) (mail, bool) {
	return s.tencentMail(g, afterExit, platform, s.now(), row{
		"Type": g.Type, "ExitType": kind, "Operator_Account": operator, "ExitMemberList": accountList(members),
	})
}

// tellExit reports that members went by themselves.
func (s *Server) tellExit(ctx context.Context, g Group, kind, operator string, members []string) error {
	if m, on := s.exitMail(g, kind, operator, platformApp, members); on {
		if err := s.hooks.send(ctx, m, true); err != nil {
			return err
		}
	}
	if g.Type != AVChatRoom {
		return nil
	}
	state := row{"EventType": "Offline", "EventCause": "Quit", "MemberList": accountList(members)}
	if m, on := s.tencentMail(g, stateChange, "", s.now(), state); on {
		return s.hooks.send(ctx, m, true)
	}
	return nil
}

// echoExit reports that a call removed members.
func (s *Server) echoExit(g Group, operator string, members []string) {
	if m, on := s.exitMail(g, "Kicked", operator, platformREST, members); on {
		_ = s.hooks.send(s.ctx, m, false) // fails only when closed
	}
}

// echoJoin reports that a call added members.
func (s *Server) echoJoin(g Group, a Arrival) {
	if m, on := s.joinMail(g, a); on {
		_ = s.hooks.send(s.ctx, m, false) // fails only when closed
	}
}
