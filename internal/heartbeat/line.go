package heartbeat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// begin begins the names of all groups of beats on the way to the webhook.
const begin = Name + "-"

// Line is the way from one provider's webhook on.
type Line struct {
	Provider chat.Provider
	Account  chat.Account
	Secret   string // what requests authenticate with; empty: they need nothing
	// Request returns the request that tells of a message: the path with its query, and the body. It is
	// signed as the provider signs.
	Request func(e *chat.Event) (target string, body []byte, err error)
}

// line is a Line with its names.
type line struct {
	Line
	prefix string       // what the names of its groups begin with on the way to the webhook
	groups []chat.Group // what they are behind it, one for each partition of the store
	series series
}

func newLine(l Line, parts int, partOf func(chat.Group) int) *line {
	out := &line{Line: l, prefix: prefixOf(l), groups: make([]chat.Group, parts)}
	// Names are tried until each partition has one: about parts times the logarithm of parts of them.
	for n, missing := 0, parts; missing > 0; n++ {
		g := chat.Group{Provider: chat.Heartbeat, Account: l.Account, ID: chat.GroupID(string(l.Provider) + "-" + strconv.Itoa(n))}
		if p := partOf(g); out.groups[p].ID == "" {
			out.groups[p] = g
			missing--
		}
	}
	return out
}

// prefixOf returns a name that nobody can give to a group who does not know the secret, and from which
// nobody learns anything about it: 128 bits of an HMAC, whose message is used for nothing else. All
// replicas have the same. Where there is no secret, everybody can send everything; the name is one that
// only this process knows, and to this process it comes back.
func prefixOf(l Line) string {
	key := []byte(l.Secret)
	if len(key) == 0 {
		key = []byte(rand.Text())
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(chat.Digest("groupguard heartbeat", string(l.Provider), string(l.Account))))
	return begin + hex.EncodeToString(mac.Sum(nil)[:16]) + "-"
}

// own returns the group behind the webhook of a group that bears the line's name.
func (l *line) own(id chat.GroupID) (chat.Group, bool) {
	if !strings.HasPrefix(string(id), begin) || len(id) <= len(l.prefix) || !hmac.Equal([]byte(id[:len(l.prefix)]), []byte(l.prefix)) {
		return chat.Group{}, false
	}
	n, err := strconv.ParseUint(string(id[len(l.prefix):]), 10, 31)
	if err != nil || n >= uint64(len(l.groups)) {
		return chat.Group{}, false
	}
	return l.groups[n], true
}

// of tells whether a group behind the webhook is one of the line's. Other replicas may have lines that
// this one has not.
func (l *line) of(g chat.Group) bool {
	return g.Account == l.Account && strings.HasPrefix(string(g.ID), string(l.Provider)+"-")
}
