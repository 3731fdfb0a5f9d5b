package policy

import (
	"errors"
	"strings"
	"unicode"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy/match"
)

// members is a set of members of both providers.
type members struct {
	tencent map[chat.MemberID]struct{}
	cams    map[chat.MemberID]struct{} // numbers as digits
}

// memberOf splits an entry of a list into the provider that it names, if any, and the ID.
func memberOf(entry string) (p chat.Provider, id string) {
	if id, ok := strings.CutPrefix(entry, "tencent:"); ok {
		return chat.Tencent, id
	}
	if id, ok := strings.CutPrefix(entry, "cams:"); ok {
		return chat.CAMS, id
	}
	return "", entry
}

func checkMember(entry string) error {
	p, id := memberOf(entry)
	if id == "" {
		return errors.New("it has no ID")
	}
	if p == chat.CAMS && strings.HasPrefix(id, "+") {
		if _, err := match.ParsePhone(id); err != nil {
			return err
		}
	}
	return nil
}

// oddID says what is strange about an ID; nothing when it looks as others do.
func oddID(entry string) string {
	_, id := memberOf(entry)
	if _, err := match.ParsePhone(id); err == nil || id == "" {
		return ""
	}
	if strings.ContainsFunc(id, unicode.IsSpace) {
		return "is one ID, with its white space and what stands behind"
	}
	if first, last := id[0], id[len(id)-1]; len(id) > 1 && first == last && (first == '"' || first == '\'') {
		return "is one ID, with its quotes"
	}
	if _, ok := withinQuotes(id); ok {
		return "is one ID, with its quotes"
	}
	return ""
}

func newMembers(entries []string) *members {
	m := &members{map[chat.MemberID]struct{}{}, map[chat.MemberID]struct{}{}}
	for _, entry := range entries {
		p, id := memberOf(entry)
		if p != chat.CAMS {
			m.tencent[chat.MemberID(id)] = struct{}{}
		}
		if p != chat.Tencent {
			m.cams[chat.MemberID(strings.TrimPrefix(id, "+"))] = struct{}{}
			if digits, err := match.ParsePhone(id); err == nil {
				m.cams[chat.MemberID(digits)] = struct{}{}
			}
		}
	}
	return m
}

// has tells whether the set holds the member.
func (m *members) has(p chat.Provider, id chat.MemberID) bool {
	set := m.tencent
	if p == chat.CAMS {
		set = m.cams
		id = chat.MemberID(strings.TrimPrefix(string(id), "+"))
	}
	_, ok := set[id]
	return ok
}
