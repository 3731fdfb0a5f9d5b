package tencent

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Codes of outcomes that need no call, or none that succeeds.
const (
	outSelf      = "self"       // the bot's own account
	outOwner     = "owner"      // the group's owner
	outAdmin     = "admin"      // one of its admins
	outNotMember = "not_member" // left already
	outExpired   = "expired"    // the mute would have ended by now
	outGroupGone = "group_gone" // the group was dissolved
	outNoType    = "no_type"    // Tencent named no type
	outLiveRoom  = "live_room"  // a kick or the like was planned, but the group turned out to be a live room
	outUnplanned = "unplanned"
)

// job is one Send.
type job struct {
	*Sender
	group chat.GroupID
	acts  []chat.Action
	out   []actions.Outcome
	paid  string         // the API of which the dispatcher has taken a slot for us that is not used up
	turns chan struct{}  // when not nil, has room for as many as may wait for slots like this job
	blind map[int]string // why actions go on although nobody knows their members' roles
}

// Send implements actions.Sender.
func (s *Sender) Send(ctx context.Context, route actions.Route, batch []chat.Action) []actions.Outcome {
	if len(batch) == 0 {
		return nil
	}
	j := &job{
		Sender: s, group: batch[0].Group.ID, acts: slices.Clone(batch),
		out: make([]actions.Outcome, len(batch)), paid: route.API,
	}
	all := make([]int, len(batch))
	for i := range all {
		all[i] = i
	}
	switch route.API {
	case apiDestroy:
		j.dissolve(ctx, all)
	case apiInfo:
		j.lookUp(ctx, all)
	case apiRecall:
		j.recall(ctx, route, all)
	case apiSend:
		j.warn(ctx, route, all)
	case apiModify:
		for _, i := range all {
			j.settle([]int{i}, j.settings(ctx, j.acts[i]))
		}
	case apiKick, apiForbid, apiBan, apiAdd, apiUnban:
		j.carryOut(ctx, route, all)
	default:
		j.settle(all, actions.Outcome{Class: actions.Permanent, Code: outUnplanned, Text: "no such route"})
	}
	return j.out
}

// settle gives several actions one outcome. A group that is gone has no members, so whoever was to
// be kept from it is; only a Live room may exist beside the group service that says so. An ID that
// never was valid (10015) is another matter, and for the operator to see.
func (j *job) settle(which []int, o actions.Outcome) {
	for _, i := range which {
		j.out[i] = o
		if o.Code == strconv.Itoa(codeNoGroup) && j.typeOf(j.acts[i]) != chat.Live {
			j.out[i] = actions.Outcome{Class: actions.OK, Code: outGroupGone, Text: o.Text}
		}
		if o.Class == actions.OK && j.acts[i].Intent.Unsure {
			j.out[i].Text = cmp.Or(o.Text, j.blind[i])
		}
	}
}

// take waits for a slot of an API, unless the dispatcher's own is still there.
func (j *job) take(ctx context.Context, api string) (actions.Outcome, bool) {
	if j.paid == api {
		j.paid = ""
		return actions.Outcome{}, true
	}
	if j.turns != nil {
		select {
		case j.turns <- struct{}{}:
			defer func() { <-j.turns }()
		case <-ctx.Done():
			return actions.Outcome{Class: actions.Again, Code: outNoSlot, Text: ctx.Err().Error()}, false
		}
	}
	if err := j.gates.enter(ctx, api, len(j.acts) <= smallBatch); err != nil {
		return actions.Outcome{Class: actions.Again, Code: outNoSlot, Text: err.Error()}, false
	}
	defer j.gates.leave(api)
	return j.slot(ctx, api)
}

func (j *job) dissolve(ctx context.Context, all []int) {
	if failed, ok := j.take(ctx, apiDestroy); !ok {
		j.settle(all, failed)
		return
	}
	if all = j.going(all); len(all) == 0 {
		return
	}
	j.settle(all, j.callIf(ctx, apiDestroy, map[string]any{"GroupId": j.group}, nil, j.allGo(all)))
	j.groups.drop(j.group)
}

// lookUp learns the type of the group, and carries the actions out by the routes that they have
// then.
func (j *job) lookUp(ctx context.Context, all []int) {
	info, o := j.info(ctx)
	if o.Class != actions.OK {
		j.settle(all, o)
		return
	}
	for len(all) > 0 {
		var route actions.Route
		var now, later []int
		for _, i := range all {
			j.acts[i].GroupType = info.kind
			r, err := j.Route(j.acts[i])
			switch {
			case err != nil:
				j.settle([]int{i}, actions.Outcome{Class: actions.Permanent, Code: outUnplanned, Text: err.Error()})
			case len(now) == 0, r == route && len(now) < route.Max:
				route, now = r, append(now, i)
			default:
				later = append(later, i)
			}
		}
		if len(now) > 0 {
			j.carryOut(ctx, route, now)
		}
		all = later
	}
}

// settings carries out an action on the group's settings.
func (j *job) settings(ctx context.Context, a chat.Action) actions.Outcome {
	if a.Intent.Kind == chat.Unlock {
		return j.unlock(ctx, a)
	}
	return j.lockdown(ctx, a)
}

// carryOut carries out actions of one route that name members.
func (j *job) carryOut(ctx context.Context, route actions.Route, which []int) {
	if j.acts[which[0]].Intent.Kind.Restores() {
		j.restore(ctx, route, which)
		return
	}
	j.members(ctx, route, which)
}

// members carries out actions against members, once it is sure about each that it may.
func (j *job) members(ctx context.Context, route actions.Route, which []int) {
	which = j.sift(which, func(a chat.Action) (actions.Outcome, bool) {
		switch {
		case string(a.Member) == j.identifier:
			return self()
		case route.API != apiKick && !a.Intent.Until.IsZero() && !a.Intent.Until.After(j.now()):
			return actions.Outcome{Class: actions.OK, Code: outExpired}, true
		}
		return actions.Outcome{}, false
	})
	if which = j.spare(ctx, route, which); len(which) == 0 {
		return
	}
	o, ok := j.take(ctx, route.API)
	if ok {
		if which = j.going(which); len(which) == 0 {
			return
		}
		o = j.act(ctx, route.API, which)
	}
	j.settle(which, o)
}

// self is the outcome of what is directed at the bot's own account.
func self() (actions.Outcome, bool) {
	return actions.Outcome{Class: actions.Immune, Code: outSelf}, true
}

// sift settles the actions for which decided has an outcome, and returns the others.
func (j *job) sift(which []int, decided func(chat.Action) (actions.Outcome, bool)) []int {
	var open []int
	for _, i := range which {
		if o, ok := decided(j.acts[i]); ok {
			j.out[i] = o
		} else {
			open = append(open, i)
		}
	}
	return open
}

// accounts returns the members that actions name, each once.
func (j *job) accounts(which []int) (accounts []string) {
	for _, i := range which {
		if m := string(j.acts[i].Member); !slices.Contains(accounts, m) {
			accounts = append(accounts, m)
		}
	}
	return accounts
}

// act makes the call that the actions were planned for.
func (j *job) act(ctx context.Context, api string, which []int) actions.Outcome {
	accounts := j.accounts(which)
	var end time.Time
	for _, i := range which {
		if u := j.acts[i].Intent.Until; u.After(end) {
			end = u
		}
	}
	first := j.acts[which[0]]
	in := map[string]any{"GroupId": j.group}
	switch api {
	case apiKick:
		in["MemberToDel_Account"], in["Reason"], in["Silence"] = accounts, reason(first), 0
		if first.Intent.Silent {
			in["Silence"] = 1
		}
	case apiForbid:
		in["Members_Account"], in["MuteTime"] = accounts, seconds(end, j.now())
	default:
		in["Members_Account"], in["Duration"], in["Description"] = accounts, seconds(end, j.now()), reason(first)
	}
	j.caller.Batch(api, len(accounts))
	o := suspect(j.callIf(ctx, api, in, nil, j.allGo(which)))
	switch {
	case api == apiKick && o.Class == actions.OK: // whoever comes back is looked at afresh
		for _, m := range accounts {
			j.roles.drop(memberOf{j.group, chat.MemberID(m)})
		}
	case api == apiKick && o.Code == strconv.Itoa(codeBadParameter):
		return j.doubt(ctx, o)
	}
	return o
}

// doubt explains a call that was refused the way it is in a live room, where nobody can be kicked or
// added: the type is asked for afresh before anybody is given up.
func (j *job) doubt(ctx context.Context, refused actions.Outcome) actions.Outcome {
	j.groups.drop(j.group)
	if info, o := j.info(ctx); o.Class == actions.OK && isLive(info.kind) {
		return liveRoom()
	}
	return refused
}

// liveRoom is the outcome of a call that is not for live rooms: the action's next route, which comes at once,
// knows the type.
func liveRoom() actions.Outcome {
	return actions.Outcome{Class: actions.Again, Wait: time.Millisecond, Code: outLiveRoom, Text: "the group is a live room"}
}

// seconds returns how long it is until end, rounded up; a zero end is for ever.
func seconds(end, now time.Time) int64 {
	if end.IsZero() {
		return forEver
	}
	return min(max(int64((end.Sub(now)+time.Second-1)/time.Second), 1), forEver-1)
}
