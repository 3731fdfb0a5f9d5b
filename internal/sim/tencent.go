package sim

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Tencent's error codes, as listed on https://trtc.io/document/34348 (2025).
const (
	badURL       = 60002
	badJSON      = 60003
	tooOften     = 60007
	badHTTP      = 60008
	badResource  = 60009
	notAdmin     = 60010
	noApp        = 60012
	accountType  = 60015
	badQuery     = 60025
	appUnknown   = 70020
	badCommand   = 10003
	badParameter = 10004
	tooMany      = 10005
	notPermitted = 10007
	noGroup      = 10010
	badGroupID   = 10015
	answerLarge  = 10018
	messageGone  = 10030
	messageOld   = 10031
	notImported  = 70107
	tooLong      = 80002
	badTopic     = 110013
)

// tencentError is a refusal with Tencent's code.
type tencentError struct {
	code int
	info string
}

func (e *tencentError) Error() string { return strconv.Itoa(e.code) + ": " + e.info }

func refuse(code int, info string) error { return &tencentError{code, info} }

// envelope is what every answer holds.
type envelope struct {
	ActionStatus string
	ErrorInfo    string
	ErrorCode    int
}

func tencentFail(code int, info string) reply {
	return jsonReply(http.StatusOK, strconv.Itoa(code), envelope{"FAIL", info, code})
}

// command is one command of group_open_http_svc: what its body may hold, and what it does.
type command struct {
	keys []string
	do   func(*Server, *request) (any, error)
}

// request is one call that was let in.
type request struct {
	fields
	admin   string // who calls
	call    *Call
	partial bool
}

// commands lists what is simulated, with every documented key of the body.
func commands() map[string]command {
	return map[string]command{
		"delete_group_member":     {[]string{"GroupId", "MemberToDel_Account", "Silence", "Reason"}, (*Server).deleteMember},
		"forbid_send_msg":         {[]string{"GroupId", "Members_Account", "MuteTime", "TopicId"}, (*Server).forbidSend},
		"get_group_muted_account": {[]string{"GroupId", "TopicId"}, (*Server).mutedAccounts},
		"ban_group_member":        {[]string{"GroupId", "Members_Account", "Duration", "Description"}, (*Server).banMember},
		"unban_group_member":      {[]string{"GroupId", "Members_Account"}, (*Server).unbanMember},
		"get_group_ban_member":    {[]string{"GroupId", "Limit", "Offset"}, (*Server).bannedMembers},
		"get_group_info":          {[]string{"GroupIdList", "ResponseFilter"}, (*Server).groupInfo},
		"get_role_in_group":       {[]string{"GroupId", "User_Account"}, (*Server).roleInGroup},
		"get_appid_group_list":    {[]string{"Limit", "Next", "GroupType"}, (*Server).groupList},
		"get_group_member_info":   {[]string{"GroupId", "Limit", "Offset", "Next", "MemberInfoFilter", "MemberRoleFilter", "AppDefinedDataFilter_GroupMember"}, (*Server).memberInfo},
		"add_group_member":        {[]string{"GroupId", "Silence", "MemberList"}, (*Server).addMember},
		"destroy_group":           {[]string{"GroupId"}, (*Server).destroyGroup},
		"modify_group_base_info":  {[]string{"GroupId", "Name", "Introduction", "Notification", "FaceUrl", "MaxMemberNum", "ApplyJoinOption", "InviteJoinOption", "MuteAllMember", "AppDefinedData"}, (*Server).modifyGroup},
		"send_group_msg": {[]string{"GroupId", "Random", "MsgBody", "From_Account", "MsgPriority", "OnlineOnlyFlag", "SendMsgControl",
			"ForbidCallbackControl", "To_Account", "CloudCustomData", "TopicId", "OfflinePushInfo", "GroupAtInfo", "SupportMessageExtension"}, (*Server).sendGroupMsg},
		"group_msg_recall": {[]string{"GroupId", "MsgSeqList", "TopicId", "Reason"}, (*Server).recallMsg},
	}
}

// serveTencent answers one REST call: always with HTTP 200 and an envelope.
func (s *Server) serveTencent(w http.ResponseWriter, r *http.Request) {
	at := s.now()
	call := &Call{Provider: Tencent, API: "unknown", At: at}
	name, inService := strings.CutPrefix(r.URL.Path, "/v4/group_open_http_svc/")
	cmd, known := s.commands[name]
	if inService && known {
		call.API = name
	}
	within, _ := s.windows.arrive(call.API, at, s.tencentRate(call.API))
	body, bodyErr := readBody(w, r)
	s.answer(w, r, call, func(partial bool) reply {
		if err := s.letIn(r, inService, known); err != nil {
			return failed(err)
		}
		if !within {
			return tencentFail(tooOften, "REST API call frequency over the limit")
		}
		if bodyErr != nil {
			return tencentFail(badJSON, bodyErr.Error())
		}
		f, err := parseFields(body, cmd.keys)
		if err != nil {
			return failed(err)
		}
		req := &request{fields: f, admin: r.URL.Query().Get("identifier"), call: call, partial: partial}
		result, err := cmd.do(s, req)
		if err != nil {
			return failed(err)
		}
		return jsonReply(http.StatusOK, "0", result)
	})
}

func failed(err error) reply {
	var e *tencentError
	if errors.As(err, &e) {
		return tencentFail(e.code, e.info)
	}
	return tencentFail(10002, err.Error())
}

func ok() envelope { return envelope{ActionStatus: "OK"} }

// letIn checks method, path and query of a call
// (https://www.tencentcloud.com/document/product/1047/34620).
func (s *Server) letIn(r *http.Request, inService, known bool) error {
	if r.Method != http.MethodPost {
		return refuse(badHTTP, "only POST is taken")
	}
	if !inService {
		return refuse(badResource, "no such service")
	}
	if !known {
		return refuse(badCommand, "no such command")
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse(badURL, "the query cannot be parsed")
	}
	for k, v := range q {
		if !slices.Contains([]string{"sdkappid", "identifier", "usersig", "random", "contenttype"}, k) || len(v) != 1 {
			return refuse(badURL, "unknown or repeated parameter "+strconv.Quote(k))
		}
	}
	if q.Get("sdkappid") == "" {
		return refuse(noApp, "sdkappid is missing")
	}
	app, err := strconv.ParseUint(q.Get("sdkappid"), 10, 64)
	if err != nil || q.Get("identifier") == "" || q.Get("contenttype") != "json" {
		return refuse(badQuery, "sdkappid, identifier, usersig or contenttype is wrong")
	}
	if _, err := strconv.ParseUint(q.Get("random"), 10, 32); err != nil {
		return refuse(badURL, "random is not a number from 0 to 4294967295")
	}
	if app != s.options.Tencent.SDKAppID {
		return refuse(appUnknown, "no such sdkappid")
	}
	if err := s.checkUserSig(q.Get("usersig"), app, q.Get("identifier")); err != nil {
		return err
	}
	if !slices.Contains(s.options.Tencent.Admins, q.Get("identifier")) {
		return refuse(notAdmin, "the caller is not an app admin")
	}
	return nil
}
