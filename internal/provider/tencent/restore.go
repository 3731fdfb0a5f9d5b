package tencent

import (
	"context"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Codes of outcomes of what takes a removal or a mute back.
const (
	outMember   = "member"    // in the group already
	outInvited  = "invited"   // asked, and not in the group before the account agrees
	outNotAdded = "not_added" // Tencent gives no reason
	outNoMutes  = "no_mutes"  // nobody can be muted in such a group
)

// lift tells calls that take something back from those that do it.
const lift = "lift"

// routeRestore routes what takes a removal or a mute back: in a live room a removal was a mute or a
// ban.
func (s *Sender) routeRestore(a chat.Action) actions.Route {
	kind := s.typeOf(a)
	switch {
	case a.Intent.Kind == chat.Unmute, isLive(kind) && s.live == RemovalMute:
		return s.route(apiForbid, maxForbid, lift)
	case isLive(kind):
		return s.route(apiUnban, maxBan, lift)
	case kind == "":
		return s.route(apiInfo, maxAdd, lift+" "+silence(a))
	}
	return s.route(apiAdd, maxAdd, lift+" "+silence(a))
}

// restore takes removals or mutes back. Nobody is harmed by that, so no roles are looked up.
func (j *job) restore(ctx context.Context, route actions.Route, which []int) {
	which = j.sift(which, func(a chat.Action) (actions.Outcome, bool) {
		return actions.Outcome{Class: actions.OK, Code: outNoMutes}, route.API == apiForbid && j.typeOf(a) == chat.Private
	})
	if len(which) == 0 {
		return
	}
	if failed, ok := j.take(ctx, route.API); !ok {
		j.settle(which, failed)
		return
	}
	in := map[string]any{"GroupId": j.group}
	switch accounts := j.accounts(which); route.API {
	case apiAdd:
		j.add(ctx, in, accounts, which)
		return
	case apiForbid:
		in["Members_Account"], in["MuteTime"] = accounts, 0
	default:
		in["Members_Account"] = accounts
	}
	j.settle(which, suspect(j.call(ctx, route.API, in, nil)))
}

// add brings members back into the group (34921). Who has left a group by removal comes back as a
// new member, and an account may have to agree first.
func (j *job) add(ctx context.Context, in map[string]any, accounts []string, which []int) {
	type account struct {
		Member string `json:"Member_Account"`
	}
	list := make([]account, len(accounts))
	for i, m := range accounts {
		list[i].Member = m
	}
	if failed, ok := j.returning(ctx, j.acts[which[0]].Group, accounts); !ok {
		j.settle(which, failed)
		return
	}
	in["MemberList"], in["Silence"] = list, 0
	if j.acts[which[0]].Intent.Silent {
		in["Silence"] = 1
	}
	var out struct {
		MemberList []struct {
			account
			Result *int `json:"Result"`
		} `json:"MemberList"`
	}
	o := suspect(j.call(ctx, apiAdd, in, &out))
	if o.Class != actions.OK {
		if o.Code == strconv.Itoa(codeNotPermitted) { // the answer in a live room
			o = j.doubt(ctx, o)
		}
		j.settle(which, o)
		return
	}
	results := map[string]int{}
	for _, m := range out.MemberList {
		if m.Result != nil {
			results[m.Member] = *m.Result
		}
	}
	for _, i := range which {
		m := j.acts[i].Member
		j.roles.drop(memberOf{j.group, m})
		j.out[i] = actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the answer does not say what became of the member"}
		if result, told := results[string(m)]; told {
			j.out[i] = added(result, j.out[i])
		}
	}
}

// added says what a member's own result means; other is the outcome of one that is not documented.
func added(result int, other actions.Outcome) actions.Outcome {
	switch result {
	case 0:
		return actions.Outcome{Class: actions.Permanent, Code: outNotAdded, Text: "Tencent did not add the member, and gives no reason"}
	case 1:
		return actions.Outcome{Class: actions.OK, Code: "0"}
	case 2:
		return actions.Outcome{Class: actions.OK, Code: outMember}
	case 3:
		return actions.Outcome{Class: actions.OK, Code: outInvited, Text: "the account has been asked and has not agreed yet"}
	}
	return other
}
