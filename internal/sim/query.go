package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// maxPage is how many members one page of get_group_member_info holds at most; the page names
// several numbers, of which this is the most common.
const maxPage = 200

type row map[string]any

// memberRow is one member as get_group_info and get_group_member_info show him.
func (g *group) memberRow(id string, filter []string) row {
	m := g.members[id]
	all := row{
		"Role": g.role(id), "JoinTime": m.joined.Unix(), "LastSendMsgTime": unix(m.said),
		"MuteUntil": g.muted[id], "NameCard": "", "MsgFlag": "AcceptAndNotify",
	}
	if len(filter) > 0 {
		maps.DeleteFunc(all, func(k string, _ any) bool { return !slices.Contains(filter, k) })
	}
	all["Member_Account"] = id
	return all
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// groupInfo is get_group_info (https://www.tencentcloud.com/document/product/1047/34961). Each group
// has a code of its own; the outer one says nothing.
func (s *Server) groupInfo(r *request) (any, error) {
	ids, err := r.texts("GroupIdList", 50, badParameter)
	if err != nil {
		return nil, err
	}
	var filter struct{ GroupBaseInfoFilter, MemberInfoFilter []string }
	raw, filtered := r.fields["ResponseFilter"]
	if filtered && json.Unmarshal(raw, &filter) != nil {
		return nil, refuse(badParameter, "ResponseFilter is not an object of arrays")
	}
	r.call.Group, r.call.Count = ids[0], len(ids)
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	infos := make([]row, 0, len(ids))
	size := 0
	for _, id := range ids {
		g := w.groups[id]
		if g == nil || g.Provider != Tencent {
			infos = append(infos, row{"GroupId": id, "ErrorCode": noGroup, "ErrorInfo": "group does not exist"})
			continue
		}
		withMembers := (!filtered || len(filter.MemberInfoFilter) > 0) && g.Type != AVChatRoom && g.Type != Community
		if withMembers {
			size += 150 * len(g.members)
		}
		if size > 1<<20 {
			return nil, refuse(answerLarge, "the answer is larger than 1 MB")
		}
		infos = append(infos, g.info(filter.GroupBaseInfoFilter, filter.MemberInfoFilter, withMembers))
	}
	return struct {
		envelope
		GroupInfo []row
	}{ok(), infos}, nil
}

func (g *group) info(base, memberInfo []string, withMembers bool) row {
	all := row{
		"Type": g.Type, "Name": g.Name, "Introduction": "", "Notification": "", "FaceUrl": "",
		"Owner_Account": g.Owner, "CreateTime": g.created.Unix(), "LastMsgTime": g.lastMessage(),
		"NextMsgSeq": g.seqs[""] + 1, "MemberNum": len(g.members), "MaxMemberNum": 6000,
		applyOption: g.setting(applyOption), muteAll: g.setting(muteAll), inviteOption: g.setting(inviteOption),
	}
	if all[inviteOption] == "" {
		delete(all, inviteOption)
	}
	if len(base) > 0 {
		maps.DeleteFunc(all, func(k string, _ any) bool { return !slices.Contains(base, k) })
	}
	all["GroupId"], all["ErrorCode"], all["ErrorInfo"] = g.ID, 0, ""
	if withMembers {
		members := make([]row, 0, len(g.members))
		for _, id := range g.list() {
			members = append(members, g.memberRow(id, memberInfo))
		}
		all["MemberList"] = members
	}
	return all
}

func (g *group) lastMessage() int64 {
	if len(g.kept) == 0 {
		return 0
	}
	return g.kept[len(g.kept)-1].At.Unix()
}

func onOff(on bool) string {
	if on {
		return "On"
	}
	return "Off"
}

// roleInGroup is get_role_in_group (https://www.tencentcloud.com/document/product/1047/34963).
func (s *Server) roleInGroup(r *request) (any, error) {
	accounts, err := r.accounts("User_Account", 500)
	if err != nil {
		return nil, err
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if g.Type == AVChatRoom {
		return nil, refuse(notPermitted, "an AVChatRoom keeps no member list")
	}
	roles := make([]row, len(accounts))
	for i, a := range accounts {
		roles[i] = row{"Member_Account": a, "Role": g.role(a)}
	}
	return struct {
		envelope
		UserIdList []row
	}{ok(), roles}, nil
}

// memberInfo is get_group_member_info (https://www.tencentcloud.com/document/product/1047/34948): by
// Offset, or by Next in a Community.
func (s *Server) memberInfo(r *request) (any, error) {
	limit, there, err := r.number("Limit")
	if err != nil {
		return nil, err
	}
	if !there {
		limit = maxPage
	}
	offset, hasOffset, err := r.number("Offset")
	if err != nil {
		return nil, err
	}
	cursor, err := r.text("Next")
	if err != nil {
		return nil, err
	}
	var only, filter []string
	if raw, there := r.fields["MemberRoleFilter"]; there && json.Unmarshal(raw, &only) != nil {
		return nil, refuse(badParameter, "MemberRoleFilter is not an array of strings")
	}
	if raw, there := r.fields["MemberInfoFilter"]; there && json.Unmarshal(raw, &filter) != nil {
		return nil, refuse(badParameter, "MemberInfoFilter is not an array of strings")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	_, hasNext := r.fields["Next"]
	switch {
	case g.Type == AVChatRoom:
		return nil, refuse(notPermitted, "an AVChatRoom keeps no member list")
	case g.Type == Community && hasOffset, g.Type != Community && hasNext:
		return nil, refuse(badParameter, "Offset is not for a Community, Next only for one")
	case limit == 0:
		return nil, refuse(badParameter, "Limit is 0")
	}
	from := int(offset)
	if cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 {
			return nil, refuse(badParameter, "Next is not one that was given out")
		}
	}
	return g.memberPage(from, int(min(limit, maxPage)), only, filter), nil
}

func (g *group) memberPage(from, limit int, only, filter []string) any {
	answer := struct {
		envelope
		MemberNum  int
		MemberList []row
		Next       string
	}{envelope: ok(), MemberNum: len(g.members), MemberList: []row{}}
	ids := g.list()
	if len(only) > 0 {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(only, g.role(id)) })
	}
	from = min(from, len(ids))
	to := min(from+limit, len(ids))
	for _, id := range ids[from:to] {
		answer.MemberList = append(answer.MemberList, g.memberRow(id, filter))
	}
	if g.Type == Community && to < len(ids) {
		answer.Next = strconv.Itoa(to)
	}
	return answer
}

// mutedAccounts is get_group_muted_account
// (https://www.tencentcloud.com/document/product/1047/34964).
func (s *Server) mutedAccounts(r *request) (any, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	muted := []row{}
	for _, a := range slices.Sorted(maps.Keys(g.muted)) {
		if g.silent(a, s.now()) {
			muted = append(muted, row{"Member_Account": a, "MutedUntil": g.muted[a]})
		}
	}
	return struct {
		envelope
		GroupId          string
		MutedAccountList []row
	}{ok(), g.ID, muted}, nil
}

// bannedMembers is get_group_ban_member
// (https://www.tencentcloud.com/document/product/1047/50295).
func (s *Server) bannedMembers(r *request) (any, error) {
	limit, there, err := r.number("Limit")
	if err != nil {
		return nil, err
	}
	offset, _, err := r.number("Offset")
	if err != nil {
		return nil, err
	}
	if !there || limit == 0 || limit > 100 {
		return nil, refuse(badParameter, "Limit is not a number from 1 to 100")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	all := slices.Sorted(maps.Keys(g.banned))
	from := min(int(offset), len(all))
	to := min(from+int(limit), len(all))
	next := to
	if to == len(all) {
		next = 0
	}
	rows := []row{}
	for _, a := range all[from:to] {
		rows = append(rows, row{"Member_Account": a, "BannedUntil": g.banned[a]})
	}
	return struct {
		envelope
		BannedAccountList []row
		NextOffset        int
	}{ok(), rows, next}, nil
}
