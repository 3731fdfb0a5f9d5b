package tencent

import (
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// unsure settles the actions against members whose roles could not be looked up, and returns those
// that are to go on all the same. Nothing goes on where the look-up can soon be made: when it was
// only too fast, when credentials are refused, when its batch held a bad account; nor when the group
// is gone.
func (j *job) unsure(which []int, o actions.Outcome) []int {
	switch {
	case o.Code == outNoSlot, o.Code == strconv.Itoa(codeNoGroup):
	case o.Class == actions.Again, o.Class == actions.Permanent, o.Class == actions.Suspect && len(which) == 1:
		var wait, act []int
		for _, i := range which {
			code := j.wasStaff(j.acts[i].Member)
			switch {
			case !j.acts[i].Intent.Unsure:
				wait = append(wait, i)
			case code != "":
				j.out[i] = actions.Outcome{Class: actions.Immune, Code: code}
			default:
				act = append(act, i)
			}
		}
		j.settle(wait, o)
		j.goBlind(act, "the member's role could not be looked up: code "+o.Code)
		return act
	}
	j.settle(which, o)
	return nil
}

// goBlind remembers why actions go on although nobody knows their members' roles.
func (j *job) goBlind(which []int, why string) {
	if j.blind == nil && len(which) > 0 {
		j.blind = map[int]string{}
	}
	for _, i := range which {
		j.blind[i] = why
	}
}

// wasStaff tells, by the code of its outcome, whether a member was staff of the group when it was last
// looked up, however long ago that is; empty: it was not, or never was looked up.
func (j *job) wasStaff(m chat.MemberID) string {
	info, _ := j.groups.get(j.group)
	was, _ := j.roles.get(memberOf{j.group, m})
	switch {
	case was == roleOwner, info.owner != "" && info.owner == string(m):
		return outOwner
	case was == roleAdmin:
		return outAdmin
	}
	return ""
}
