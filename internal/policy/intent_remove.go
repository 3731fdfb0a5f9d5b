package policy

import (
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

// spread makes the cases of a wide removal: one for the event itself, and one for each other event of
// the rule's window whose member the removal is for. Who is exempt is left out.
func (r *remove) spread(x *Exam, d *Decision, in chat.Intent, others []offender) {
	own := offender{target: targetOf(x.e), at: x.e.At, cause: cause(x.e)}
	d.part(x, in, own)
	for _, o := range others {
		same := o.member == own.member && o.group.Provider == own.group.Provider && o.group.Account == own.group.Account
		switch {
		case !same && r.burst == nil, o.group != own.group && r.allOver == nil, o.target == own.target:
		case x.r.isExempt(o.group.Provider, o.member):
		default:
			d.part(x, in, o)
		}
	}
}

// part adds the case that removes one offender. It is named by the rule and by what the member did:
// whatever number of later events would remove him for it as well, he is removed for it once, and
// not again when he was let in afterwards.
func (d *Decision) part(x *Exam, in chat.Intent, o offender) {
	id := chat.CaseID(chat.Digest("part", string(in.Rule), string(o.group.Provider), string(o.group.Account), string(o.group.ID),
		string(o.member), o.cause))
	for i := range d.Parts {
		if d.Parts[i].ID == id {
			return
		}
	}
	if !in.Until.IsZero() {
		in.Until = in.Until.Add(o.at.Sub(x.e.At))
	}
	d.Parts = append(d.Parts, chat.Case{
		ID: id, Code: id.Code(), Of: d.Case.ID, Rules: d.Case.Rules, Intents: []chat.Intent{in},
		Event: chat.Event{At: o.at, Group: o.group, GroupType: o.kind, ID: x.e.ID, Kind: x.e.Kind, Member: o.member, Received: x.e.Received},
	})
}

func (r *remove) make(e *chat.Event, f *filling) chat.Intent {
	in := chat.Intent{Kind: chat.Remove, Reason: r.reason.fill(f), Quotes: r.reason.quotes(), Silent: r.silent}
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
	case at.group == chat.AVChatRoom, at.group == chat.Live:
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
