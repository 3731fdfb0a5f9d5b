package policy

import (
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// remove takes the member out of the group.
type remove struct {
	reason   template
	silent   bool
	duration time.Duration // 0: for ever; only where removal is a mute or a ban
	told     bool          // it has a reason or is silent
	burst    *yaml.Node    // who: burst
	allOver  *yaml.Node    // from: all_matching_groups
}

// removeKeys are the keys of remove.
func (l *loader) removeKeys(r *remove) []field {
	return []field{
		{name: "reason", is: texts(), doc: "Told to the group, where the provider can.",
			read: func(_, v *yaml.Node) { r.reason, r.told = l.template(v, "reason"), true }},
		{name: "silent", is: truths(), doc: "true: the group is not told.",
			read: func(_, v *yaml.Node) { r.silent = l.boolean(v, "silent"); r.told = r.told || r.silent }},
		{name: "for", is: durations(), doc: "How long, where removal is a mute or a ban; for ever unless it is given.",
			read: func(_, v *yaml.Node) { r.duration = l.durationUpTo(v, "for", 365) }},
		{name: "who", is: word("member", "burst"), doc: "member: the one of the event; burst: everyone in the rule's window.",
			read: func(key, v *yaml.Node) {
				if l.choice(v, "who", "member", "burst") == "burst" {
					r.burst = key
				}
			}},
		{name: "from", is: word("group", "all_matching_groups"), doc: "group: the one of the event; all_matching_groups: every group in the rule's window.",
			read: func(key, v *yaml.Node) {
				if l.choice(v, "from", "group", "all_matching_groups") == "all_matching_groups" {
					r.allOver = key
				}
			}},
	}
}

func (l *loader) readRemove(n *yaml.Node) intent {
	r := &remove{}
	l.mapping(n, "remove", l.removeKeys(r))
	return r
}

// wide tells whether the removal is for more than the member of the event.
func (r *remove) wide() bool { return r.burst != nil || r.allOver != nil }

// spread adds those of the rule's window whom the removal is for as well: in the same group to the
// intent, in others as cases of their own. Who is exempt is left out.
func (r *remove) spread(x *Exam, d *Decision, in *chat.Intent, others []target) {
	for _, o := range others {
		same := o.member == x.e.Member && o.group.Provider == x.e.Provider && o.group.Account == x.e.Account
		switch {
		case !r.wide(), !same && r.burst == nil, x.r.isExempt(o.group.Provider, o.member):
		case o.group == x.e.Group:
			if !same && !slices.Contains(in.Also, o.member) {
				in.Also = append(in.Also, o.member)
			}
		case r.allOver != nil:
			d.part(x, in, o)
		}
	}
}

// part adds a target to the case that carries out a removal in another group.
func (d *Decision) part(x *Exam, in *chat.Intent, o target) {
	g := o.group
	id := chat.CaseID(chat.Digest("part", string(d.Case.ID), string(g.Provider), string(g.Account), string(g.ID)))
	removal := *in
	removal.Also = nil
	for i := range d.Parts {
		if p := &d.Parts[i]; p.ID == id {
			if p.Event.Member != o.member {
				removal.Also = []chat.MemberID{o.member}
			}
			p.Intents = merge(p.Intents, removal)
			return
		}
	}
	d.Parts = append(d.Parts, chat.Case{
		ID: id, Code: id.Code(), Of: d.Case.ID, Rules: d.Case.Rules, Intents: []chat.Intent{removal},
		Event: chat.Event{At: x.e.At, Group: g, GroupType: o.kind, ID: x.e.ID, Kind: x.e.Kind, Member: o.member, Received: x.e.Received},
	})
}

func (r *remove) make(e *chat.Event, f *filling) chat.Intent {
	in := chat.Intent{Kind: chat.Remove, Reason: r.reason.fill(f), Silent: r.silent}
	if r.duration > 0 {
		in.Until = e.At.Add(r.duration)
	}
	return in
}

func (r *remove) effect(at venue) (string, bool) {
	wide := ""
	if r.burst != nil {
		wide = ", for everyone in the rule's window"
	}
	switch {
	case at.provider == chat.CAMS && r.told && r.duration > 0:
		return "DeleteChatGroupParticipants, without reason, silence and for" + wide, true
	case at.provider == chat.CAMS && r.told:
		return "DeleteChatGroupParticipants, without reason and silence" + wide, true
	case at.provider == chat.CAMS && r.duration > 0:
		return "DeleteChatGroupParticipants, without for" + wide, true
	case at.provider == chat.CAMS:
		return "DeleteChatGroupParticipants" + wide, true
	case at.group == chat.AVChatRoom:
		how := "for ever"
		if r.duration > 0 {
			how = "for " + r.duration.String()
		}
		return "forbid_send_msg or ban_group_member by BOT_TENCENT_LIVE_ROOM_REMOVAL, " + how + ", as members cannot be deleted" + wide, true
	case r.duration > 0:
		return "delete_group_member, without for" + wide, true
	}
	return "delete_group_member" + wide, true
}
