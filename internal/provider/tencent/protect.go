package tencent

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// How long lookups are believed. That somebody is an ordinary member is believed briefly, so that a
// new admin or owner is spared soon; that somebody is an admin longer, since sparing is harmless.
const (
	keepMember = time.Minute
	keepAdmin  = 10 * time.Minute
	keepOwner  = time.Minute
)

// groupInfo is what is kept of what get_group_info says of one group. The type holds for the group's
// life, the rest for keepOwner.
type groupInfo struct {
	kind    chat.GroupType
	owner   string
	members int // 0: not told
	asked   time.Time
}

type memberOf struct {
	group  chat.GroupID
	member chat.MemberID
}

// role is a role in a group as get_role_in_group spells it.
type role string

const (
	roleOwner     role = "Owner"
	roleAdmin     role = "Admin"
	roleMember    role = "Member"
	roleNotMember role = "NotMember"
)

// spare settles the actions against those who must not be acted on, and returns the others. As long
// as it cannot be known who they are, nobody is acted on.
func (j *job) spare(ctx context.Context, route actions.Route, which []int) []int {
	if len(which) == 0 {
		return nil
	}
	if isLive(j.typeOf(j.acts[which[0]])) {
		return j.spareOwner(ctx, which)
	}
	roles, o := j.rolesOf(ctx, which)
	switch {
	case o.Code == strconv.Itoa(codeNotPermitted):
		// Live rooms have no roles to ask for. Any other group has, and who they are must be
		// known first.
		info, got := j.info(ctx)
		switch {
		case got.Class != actions.OK:
			return j.unsure(which, got)
		case !isLive(info.kind):
			return j.unsure(which, o)
		case route.API == apiKick: // the next route is the right one, now that the type is known
			j.settle(which, liveRoom())
		default:
			return j.spareOwner(ctx, which)
		}
		return nil
	case o.Class != actions.OK:
		return j.unsure(which, o)
	}
	return j.byRole(route, which, roles)
}

// byRole settles the actions against those whose role says that they must not be acted on, or need not
// be, and returns the others. A role that is not told, or is none that we know, is not known.
func (j *job) byRole(route actions.Route, which []int, roles map[chat.MemberID]role) []int {
	which = j.sift(which, func(a chat.Action) (actions.Outcome, bool) {
		switch roles[a.Member] {
		case roleMember:
			return actions.Outcome{}, false
		case roleOwner:
			return actions.Outcome{Class: actions.Immune, Code: outOwner}, true
		case roleAdmin:
			return actions.Outcome{Class: actions.Immune, Code: outAdmin}, true
		case roleNotMember:
			// Out of the group is where a removed member is to be. A mute outlasts leaving.
			return actions.Outcome{Class: actions.OK, Code: outNotMember}, route.API == apiKick
		}
		if !a.Intent.Unsure {
			return actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the role is not known"}, true
		}
		code := j.wasStaff(a.Member)
		return actions.Outcome{Class: actions.Immune, Code: code}, code != ""
	})
	var blind []int
	for _, i := range which {
		if r := roles[j.acts[i].Member]; r != roleMember && r != roleNotMember {
			blind = append(blind, i)
		}
	}
	j.goBlind(blind, "the answer does not tell the member's role")
	return which
}

// spareOwner spares the owner of a live room, whose only other roles are not documented to exist.
func (j *job) spareOwner(ctx context.Context, which []int) []int {
	info, o := j.info(ctx)
	if o.Class != actions.OK {
		return j.unsure(which, o)
	}
	return j.sift(which, func(a chat.Action) (actions.Outcome, bool) {
		return actions.Outcome{Class: actions.Immune, Code: outOwner}, string(a.Member) == info.owner
	})
}

// rolesOf returns the role of each member that the actions name.
func (j *job) rolesOf(ctx context.Context, which []int) (map[chat.MemberID]role, actions.Outcome) {
	known := make(map[chat.MemberID]role, len(which))
	var ask []chat.MemberID
	for _, i := range which {
		m := j.acts[i].Member
		if _, ok := known[m]; ok {
			continue
		}
		r, fresh := j.roles.get(memberOf{j.group, m})
		if !fresh {
			ask, r = append(ask, m), ""
		}
		known[m] = r
	}
	for len(ask) > 0 {
		n := min(len(ask), maxRoles)
		if o := j.askRoles(ctx, ask[:n], known); o.Class != actions.OK {
			return nil, o
		}
		ask = ask[n:]
	}
	return known, actions.Outcome{}
}

// askRoles asks for the roles of members.
func (j *job) askRoles(ctx context.Context, ask []chat.MemberID, known map[chat.MemberID]role) actions.Outcome {
	if o, ok := j.take(ctx, apiRoles); !ok {
		return o
	}
	var out struct {
		UserIDList []struct {
			Member chat.MemberID `json:"Member_Account"`
			Role   string        `json:"Role"`
		} `json:"UserIdList"`
	}
	o := suspect(j.call(ctx, apiRoles, map[string]any{"GroupId": j.group, "User_Account": ask}, &out))
	if o.Code == strconv.Itoa(codeNoAccount) && len(ask) == 1 {
		known[ask[0]] = roleNotMember // nobody by that name is in any group
		return actions.Outcome{}
	}
	if o.Class != actions.OK {
		return o
	}
	for _, u := range out.UserIDList {
		if _, asked := known[u.Member]; !asked {
			continue
		}
		r := role(strings.TrimSpace(u.Role)) // a sample on 34948 has "Member "
		known[u.Member] = r
		switch r {
		case roleOwner, roleAdmin:
			j.roles.put(memberOf{j.group, u.Member}, r, keepAdmin)
		case roleMember:
			j.roles.put(memberOf{j.group, u.Member}, r, keepMember)
		}
	}
	return actions.Outcome{}
}

// info returns the group's type, owner and size.
func (j *job) info(ctx context.Context) (groupInfo, actions.Outcome) {
	if g, fresh := j.groups.get(j.group); fresh {
		return g, actions.Outcome{}
	}
	p, o := j.profileOf(ctx)
	return p.groupInfo, o
}
