package tencent

import (
	"context"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// How sizes are looked up. What waits for them is every action of the group, and perhaps of others.
const (
	keepSize  = 10 * time.Minute // a size that is asked for is believed so long
	sizeWait  = 2 * time.Second  // a look-up may take so long
	sizePause = 10 * time.Second // after one that failed, none is tried for so long
)

// Size returns how many members a group has, by a look-up of two seconds at most when the number is
// not in the cache that removals use too. When that fails, a number that is out of date is better than
// none. The size of a live room is not known: what Tencent counts there is who is online.
func (s *Sender) Size(ctx context.Context, g chat.Group) (members int, known bool) {
	if g.Provider != chat.Tencent || string(g.Account) != s.appID {
		return 0, false
	}
	info, _ := s.groups.get(g.ID)
	if !isLive(info.kind) && s.now().Sub(info.asked) >= keepSize && s.now().UnixNano() >= s.noSizes.Load() {
		ctx, cancel := context.WithTimeout(ctx, sizeWait)
		defer cancel()
		// The cache outlives the caller's event, whose strings are parts of its whole text.
		j := &job{Sender: s, group: chat.GroupID(strings.Clone(string(g.ID))), turns: s.asking}
		if got, o := j.info(ctx); o.Class == actions.OK {
			info = got
		} else if o.Class != actions.Permanent { // which is about this group alone
			s.noSizes.Store(s.now().Add(sizePause).UnixNano())
		}
	}
	return info.members, info.members > 0 && !isLive(info.kind)
}
