package heartbeat

import (
	"crypto/rand"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Name is what the delivery of a beat is called, as a metric label.
const Name = "heartbeat"

// longAgo is the age at which a beat proves nothing any more. A spool may hold many of them.
const longAgo = 10 * time.Minute

// beatOf returns the nth beat of a line as it goes to the webhook. Each has a member of its own, so that
// nothing that is remembered of one is in the way of the next.
func beatOf(l *line, n int, at time.Time) *chat.Event {
	at = at.Truncate(time.Millisecond) // as fine as providers tell the time
	who := Name + "-" + strconv.FormatInt(at.UnixMilli(), 36) + "-" + rand.Text()[:8]
	slot := strconv.Itoa(n % len(l.groups))
	return &chat.Event{
		At: at, Group: chat.Group{Provider: l.Provider, Account: l.Account, ID: chat.GroupID(l.prefix + slot)}, GroupType: chat.Public,
		ID: chat.EventID(who), Kind: chat.Message, Member: chat.MemberID(who), Text: text,
	}
}

// Own returns a beat, behind the webhook, as an event of chat.Heartbeat. What others send is none,
// however much it looks like one: only who knows the webhook's secret can name its group.
func (h *Heart) Own(e *chat.Event) (chat.Event, bool) {
	for _, l := range h.lines {
		if e.Provider != l.Provider || e.Account != l.Account || e.Kind != chat.Message {
			continue
		}
		if g, ok := l.own(e.Group.ID); ok {
			return chat.Event{
				At: e.At, Group: g, GroupType: e.GroupType, ID: e.ID, Kind: e.Kind, Member: e.Member, Text: e.Text, Received: e.Received,
			}, true
		}
	}
	return chat.Event{}, false
}

// Late tells whether a beat comes too late to prove anything.
func Late(e *chat.Event, now time.Time) bool { return now.Sub(e.At) > longAgo }
