package guard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// ruleMemo is the kind of the memos that hold a history. A guard reads those of pauses and undoings, too.
const ruleMemo = "rule"

// entry is a memo and what it says.
type entry[T any] struct {
	memo  chat.Memo
	value *T
}

// place is what a pause is about: an empty rule is every rule, an empty group every group.
type place struct {
	rule  chat.RuleID
	group chat.Group
}

// pause is a chat.Pause that was read.
type pause chat.Pause

// text says why an action is held.
func (p *pause) text() string {
	what := "everything is paused"
	if p.Rule != "" {
		what = "rule " + string(p.Rule) + " is paused"
	}
	if p.Group != nil {
		what += " in this group"
	}
	return what + " by the " + p.By
}

// snapshot is what the store said at one moment. It never changes. A nil snapshot knows of nothing.
type snapshot struct {
	number   uint64 // of the reading, in the order in which they began
	at       time.Time
	pauses   map[string]entry[pause] // by key
	undoings map[string]entry[chat.Undoing]

	holding map[place]*pause
	ended   map[place]time.Time
	byCase  map[chat.CaseID]*chat.Undoing
	byRule  map[chat.RuleID][]*chat.Undoing
}

// index fills in what is looked up.
func (s *snapshot) index() {
	s.holding, s.ended = map[place]*pause{}, map[place]time.Time{}
	for _, e := range s.pauses {
		at := place{rule: e.value.Rule}
		if e.value.Group != nil {
			at.group = *e.value.Group
		}
		if e.value.Ended.IsZero() {
			s.holding[at] = e.value
		} else {
			s.ended[at] = e.value.Ended
		}
	}
	s.byCase, s.byRule = map[chat.CaseID]*chat.Undoing{}, map[chat.RuleID][]*chat.Undoing{}
	for _, e := range s.undoings {
		if u := e.value; u.Case != "" {
			s.byCase[u.Case] = u
		} else {
			s.byRule[u.Rule] = append(s.byRule[u.Rule], u)
		}
	}
}

// places returns the places whose pause stops a rule in a group, or everywhere for the empty group.
func places(rule chat.RuleID, g chat.Group) [4]place {
	return [4]place{{rule, g}, {rule, chat.Group{}}, {"", g}, {"", chat.Group{}}}
}

// paused returns a pause that holds for a rule in a group, by anybody but the one named; nil when there
// is none. Of pauses that hold for something released (zero: it was not) only a person's later ones
// count: the release was about those before, and no brake holds anything twice.
func (s *snapshot) paused(rule chat.RuleID, g chat.Group, but string, released time.Time) *pause {
	if s == nil {
		return nil
	}
	for _, at := range places(rule, g) {
		p := s.holding[at]
		if p == nil || p.By == but {
			continue
		}
		if released.IsZero() || p.By != chat.PausedByBrake && p.At.After(released) {
			return p
		}
	}
	return nil
}

// resumed returns when the last pause of a rule in a group (everywhere for the empty group) was
// lifted; zero when that is long ago.
func (s *snapshot) resumed(rule chat.RuleID, g chat.Group) time.Time {
	var last time.Time
	for _, at := range places(rule, g) {
		if t := s.ended[at]; t.After(last) {
			last = t
		}
	}
	return last
}

// undone tells whether an action was taken back.
func (s *snapshot) undone(a *chat.Action) bool {
	if s == nil {
		return false
	}
	for _, id := range [...]chat.CaseID{a.Case, a.Of} {
		if u := s.byCase[id]; u != nil && u.Covers(a) {
			return true
		}
	}
	for _, u := range s.byRule[a.Intent.Rule] {
		if u.Covers(a) {
			return true
		}
	}
	return false
}

// decode reads memos. What is the same as before is not read again.
func decode[T any](memos []chat.Memo, before map[string]entry[T]) (map[string]entry[T], error) {
	out := make(map[string]entry[T], len(memos))
	for _, m := range memos {
		if old, ok := before[m.Key]; ok && bytes.Equal(old.memo.Body, m.Body) {
			out[m.Key] = entry[T]{m, old.value}
			continue
		}
		value := new(T)
		if err := json.Unmarshal(m.Body, value); err != nil {
			return nil, fmt.Errorf("reading memo %s of kind %s: %w", m.Key, m.Kind, err)
		}
		out[m.Key] = entry[T]{m, value}
	}
	return out, nil
}
