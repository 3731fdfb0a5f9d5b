package tencent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// draft is a lockdown on its way.
type draft struct {
	lock    chat.Lock
	change  map[string]string // settings that are not as they are to be
	unknown []string          // settings that Tencent does not tell: what cannot be restored is not changed
	refused []refusal
	ignored []string // accepted, and still as they were
}

// draftOf plans a lockdown from the group's settings as they are. A setting that is as it is to be
// keeps what the standing lock says it was before; without a lock, the group's own staff has set it so,
// and nothing is to be restored.
func draftOf(a chat.Action, old chat.Lock, version int64, p profile, now time.Time) draft {
	d := draft{lock: old, change: map[string]string{}}
	l := &d.lock
	if version == 0 {
		*l = chat.Lock{Group: a.Group, Case: a.Case, Rule: a.Intent.Rule, Since: now, Until: a.Intent.Until}
	}
	l.Until, l.GroupType, l.Applied = later(l.Until, a.Intent.Until), p.kind, false
	l.Was, l.Set = maps.Clone(l.Was), maps.Clone(l.Set)
	if l.Set == nil {
		l.Was, l.Set = map[string]string{}, map[string]string{}
	}
	for _, name := range wanted(a.Intent, &old, p.kind) {
		switch is, told := p.settings[name]; {
		case told && is != lockedAs(name):
			l.Was[name], l.Set[name], d.change[name] = is, lockedAs(name), lockedAs(name)
		case !told && (name != setInvite || p.kind == chat.Private): // elsewhere few have that setting
			d.unknown = append(d.unknown, name)
		}
	}
	return d
}

// wanted returns the settings that a lockdown sets: those of an earlier attempt, and of an unlocking
// that was broken off, too.
func wanted(in chat.Intent, old *chat.Lock, t chat.GroupType) []string {
	var names []string
	if in.Close {
		names = append(names, closes(t)...)
	}
	if in.MuteAll {
		names = append(names, setMute)
	}
	if !old.Applied {
		for name := range old.Set {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// failure returns the outcome of a lockdown of which some part did not come about.
func (d *draft) failure() (actions.Outcome, bool) {
	o := actions.Outcome{Class: actions.Permanent, Code: outNotApplied}
	var parts []string
	for _, r := range d.refused {
		o.Code = r.Code
		parts = append(parts, fmt.Sprintf("%s is refused (%s: %s)", r.name, r.Code, r.Text))
	}
	for _, name := range d.ignored {
		parts = append(parts, name+" was accepted and is not set")
	}
	for _, name := range d.unknown {
		parts = append(parts, name+" cannot be read, and is not changed")
	}
	if len(parts) == 0 {
		return actions.Outcome{}, false
	}
	text := "this part of the lockdown does not hold: "
	if len(d.lock.Set) > len(d.ignored) {
		text = "the rest of the lockdown holds, but "
	}
	o.Text = cut(text+strings.Join(parts, "; "), maxOutcomeText)
	return o, true
}
