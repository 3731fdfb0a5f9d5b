package chat

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// Provider names a chat platform.
type Provider string

// The providers that Groupguard speaks to.
const (
	Tencent Provider = "tencent"
	CAMS    Provider = "cams"
)

// Heartbeat stands in a provider's place in the events that the bot sends to itself to prove that it
// works. No provider's webhook becomes such an event, and their actions call nobody.
const Heartbeat Provider = "heartbeat"

// IDs are opaque bytes that a provider chose: compare them, never parse them, and never build a
// storage key or a URL path from one unescaped.
type (
	// Account is a tenant at a provider: an SDKAppID at Tencent, a CustSpaceId at CAMS.
	Account string
	// GroupID names a group within an account.
	GroupID string
	// MemberID names a member: a UserID at Tencent, a number in digits (no plus sign) at CAMS.
	MemberID string
	// EventID is the same each time the provider repeats one event, and unique within its group.
	EventID string
	// RuleID is the id of a rule in rules.yaml.
	RuleID string
	// CaseID names a case: 32 hexadecimal digits, a function of the event alone.
	CaseID string
	// ActionID names an action: 32 hexadecimal digits, a function of case, rule, kind and target.
	ActionID string
)

// Group names one group everywhere.
type Group struct {
	Provider Provider `json:"provider"`
	Account  Account  `json:"account"`
	ID       GroupID  `json:"group"`
}

// GroupType is what kind of group it is, in the provider's words on the wire. It decides which
// calls are possible.
type GroupType string

// Tencent's group types as they stand on the wire (https://trtc.io/document/33529, 2025), and the
// one of WhatsApp. The empty type is an unknown one.
const (
	Private    GroupType = "Private"
	Public     GroupType = "Public"
	ChatRoom   GroupType = "ChatRoom"
	AVChatRoom GroupType = "AVChatRoom"
	Community  GroupType = "Community"
	Live       GroupType = "Live"
	WhatsApp   GroupType = "WhatsApp"
)

// digest hashes parts so that no two different lists of parts share a text.
func digest(parts ...string) [sha256.Size]byte {
	h := sha256.New()
	for _, p := range parts {
		var n [4]byte
		l := len(p)
		n[0], n[1], n[2], n[3] = byte(l>>24), byte(l>>16), byte(l>>8), byte(l)
		h.Write(n[:])
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// Digest returns 32 hexadecimal digits that stand for the parts: equal parts give equal digits,
// and the border between parts counts.
func Digest(parts ...string) string {
	sum := digest(parts...)
	return hex.EncodeToString(sum[:16])
}

// crockford is Crockford's base32 alphabet: no I, L, O or U, so that a person can read it out.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewCaseID returns the ID of the case that an event may become. The event's text, if it has one,
// counts beside its ID: a sender who can choose the number that the ID is made of, and uses one for
// all messages, would otherwise be let off after the first.
func NewCaseID(g Group, id EventID, text ...string) CaseID {
	parts := append([]string{"case", string(g.Provider), string(g.Account), string(g.ID), string(id)}, text...)
	return CaseID(Digest(parts...))
}

// Code returns the case's short code: 8 characters of Crockford base32 that a removed member can
// quote to an operator.
func (id CaseID) Code() string {
	sum := digest("code", string(id))
	return crockford.EncodeToString(sum[:5])
}

// Fingerprint returns 32 hexadecimal digits that stand for a text; empty for an empty text.
func Fingerprint(text string) string {
	if text == "" {
		return ""
	}
	return Digest("text", text)
}

// NormalCode returns a code as a person typed it in the form that Code gives: upper case, without
// spaces and hyphens, with the letters that Crockford's alphabet lacks read as the digits they
// look like.
func NormalCode(typed string) string {
	return strings.NewReplacer("-", "", " ", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(typed))
}
