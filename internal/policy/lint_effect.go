package policy

import (
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// notes says what each rule's intents become where the rule applies. It comes last, as it is of
// interest only for a file without errors.
func (l *loader) notes() {
	l.noteBrake()
	l.noteTimeout()
	for _, r := range l.out.rules {
		if r.mode == ModeOff {
			continue
		}
		for _, w := range r.intents {
			l.noteEffect(r, w)
		}
	}
}

// noteEffect reports one intent, and warns when it is possible nowhere.
func (l *loader) noteEffect(r *rule, w wanted) {
	var effects, names []string // parallel: an effect, and the venues that share it
	possible, asked := false, 0
	for _, at := range venues(r) {
		if len(r.providers) > 0 && !slices.Contains(r.providers, at.provider) ||
			len(r.groupTypes) > 0 && !slices.Contains(r.groupTypes, at.group) {
			continue
		}
		asked++
		effect, ok := w.effect(at)
		possible = possible || ok
		if i := slices.Index(effects, effect); i >= 0 {
			names[i] += ", " + at.name
		} else {
			effects, names = append(effects, effect), append(names, at.name)
		}
	}
	if asked == 0 {
		return
	}
	if !possible && w.kind == string(chat.Lockdown) {
		l.errorf(w.node, "joins: close is for Private, Public and Community, mute_all for all of Tencent, invite_link for WhatsApp",
			"lockdown can never do anything where rule %q applies", r.id)
		return
	}
	if !possible {
		l.warnf(w.node, "remove it, or widen providers and group_types", "%s is not possible anywhere where rule %q applies", w.kind, r.id)
		return
	}
	var parts []string
	for i, effect := range effects {
		parts = append(parts, names[i]+": "+effect)
	}
	l.report(SeverityNote, w.node, "", "rule %q, %s is on %s", r.id, w.kind, strings.Join(parts, "; "))
}
