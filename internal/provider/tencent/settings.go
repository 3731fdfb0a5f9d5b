package tencent

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// The settings of a group that a lockdown changes (34962), and what it sets them to.
const (
	setApply  = "ApplyJoinOption"  // how somebody who wants to join comes in
	setInvite = "InviteJoinOption" // whether members may bring others in
	setMute   = "MuteAllMember"    // whether nobody but staff can speak

	noApply  = "DisableApply"
	noInvite = "DisableInvite"
	muteOn   = "On"
)

// closes returns the settings that close a group to newcomers; none where that cannot be done. A
// Work group (Private) takes no applications, and everybody comes freely into a Meeting (ChatRoom)
// and a live room: their ApplyJoinOption cannot be changed (48184). A type that we do not know is
// tried like a Public group.
func closes(t chat.GroupType) []string {
	switch t {
	case chat.Private:
		return []string{setInvite}
	case chat.ChatRoom, chat.AVChatRoom, chat.Live:
		return nil
	}
	return []string{setApply, setInvite}
}

// lockedAs returns the value that a lockdown gives a setting.
func lockedAs(name string) string {
	switch name {
	case setApply:
		return noApply
	case setInvite:
		return noInvite
	}
	return muteOn
}

// profile is what get_group_info says of one group.
type profile struct {
	groupInfo
	settings map[string]string // those that were asked for and answered
}

// settingsOf reads the group's settings afresh. That the call can be asked for InviteJoinOption is
// not documented: where it refuses to be, the setting is left out.
func (j *job) settingsOf(ctx context.Context) (profile, actions.Outcome) {
	p, o := j.profileOf(ctx, setApply, setMute, setInvite)
	if o.Code == strconv.Itoa(codeBadParameter) {
		p, o = j.profileOf(ctx, setApply, setMute)
	}
	return p, o
}

// profileOf makes the call for the group's type, owner and size, and some settings.
func (j *job) profileOf(ctx context.Context, settings ...string) (profile, actions.Outcome) {
	if o, ok := j.take(ctx, apiInfo); !ok {
		return profile{}, o
	}
	var out struct {
		GroupInfo []struct {
			GroupID string `json:"GroupId"`
			Code    int    `json:"ErrorCode"`
			Text    string `json:"ErrorInfo"`
			Type    string `json:"Type"`
			Owner   string `json:"Owner_Account"`
			Members int    `json:"MemberNum"`
			Apply   string `json:"ApplyJoinOption"`
			Invite  string `json:"InviteJoinOption"`
			Mute    string `json:"MuteAllMember"`
		} `json:"GroupInfo"`
	}
	o := j.call(ctx, apiInfo, map[string]any{
		"GroupIdList":    []chat.GroupID{j.group},
		"ResponseFilter": map[string]any{"GroupBaseInfoFilter": append([]string{"Type", "Owner_Account", "MemberNum"}, settings...)},
	}, &out)
	if len(out.GroupInfo) != 1 {
		if o.Class == actions.OK {
			o = actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the answer does not name the group"}
		}
		return profile{}, o
	}
	// The outer code means nothing when there are codes per group (34961).
	got := out.GroupInfo[0]
	if got.Code != 0 {
		j.groups.drop(j.group)
		return profile{}, j.outcome(got.Code, got.Text, "")
	}
	was, _ := j.groups.get(j.group)
	// An answer without an owner may be one that leaves him out: who was it is spared on.
	g := groupInfo{kind: groupType(got.Type), owner: cmp.Or(got.Owner, was.owner), members: got.Members, asked: j.now()}
	if g.kind == "" { // a type of the future, or of the past: told apart from not knowing
		g.kind = chat.GroupType(got.Type)
	}
	if g.kind == "" || got.GroupID != "" && got.GroupID != string(j.group) {
		return profile{}, actions.Outcome{Class: actions.Again, Code: outNoType, Text: "the answer names no type"}
	}
	j.groups.put(j.group, g, keepOwner)
	p := profile{g, map[string]string{setApply: got.Apply, setInvite: got.Invite, setMute: got.Mute}}
	maps.DeleteFunc(p.settings, func(_, value string) bool { return value == "" })
	return p, actions.Outcome{}
}

// refusal is a setting that Tencent does not let change.
type refusal struct {
	name string
	actions.Outcome
}

// change sets settings of the group (34962) for an action. When the call is refused for good, each setting is
// tried alone: one that this type of group does not have must not keep the others from being set.
// Without refusals, an outcome that is not OK says that it is not known which of them were set.
func (j *job) change(ctx context.Context, a chat.Action, settings map[string]string) ([]refusal, actions.Outcome) {
	o := j.modify(ctx, a, settings)
	if !refusedForGood(o) {
		return nil, o
	}
	names := slices.Sorted(maps.Keys(settings))
	if len(names) == 1 {
		return []refusal{{names[0], o}}, actions.Outcome{}
	}
	var refused []refusal
	for _, name := range names {
		o := j.modify(ctx, a, map[string]string{name: settings[name]})
		switch {
		case o.Class == actions.OK:
		case refusedForGood(o):
			refused = append(refused, refusal{name, o})
		default:
			return nil, o
		}
	}
	return refused, actions.Outcome{}
}

// refusedForGood tells whether a call failed for what it asked, in a group that exists.
func refusedForGood(o actions.Outcome) bool {
	return o.Class == actions.Permanent && o.Code != strconv.Itoa(codeNoGroup)
}

func (j *job) modify(ctx context.Context, a chat.Action, settings map[string]string) actions.Outcome {
	if failed, ok := j.take(ctx, apiModify); !ok {
		return failed
	}
	may := func() bool { return !j.stops(&a) }
	if !may() {
		return stopped()
	}
	in := map[string]any{"GroupId": j.group}
	for name, value := range settings {
		in[name] = value
	}
	return j.callIf(ctx, apiModify, in, nil, may)
}
