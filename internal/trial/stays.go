package trial

import "github.com/groupguard/groupguard/internal/chat"

// stays knows since when members have been in their groups, as far as the recording tells. It holds
// maxDistinct members; of others only an event's own joined_at counts.
type stays struct {
	since map[short]stay
	long  distinct // who was removed after a long time
}

type stay struct {
	at   int64 // microseconds since 1970
	join bool  // a join was seen then; else any event
}

// note takes an event of a member.
func (s *stays) note(e *chat.Event) {
	k, at := shortMember(e.Group, e.Member), e.At.UnixMicro()
	had, known := s.since[k]
	switch {
	case e.Kind == chat.Leave:
		delete(s.since, k)
	case e.Asked && e.Kind == chat.Join, !known && len(s.since) >= maxDistinct:
	case e.Kind == chat.Join && (!known || !had.join || at > had.at):
		if s.since == nil {
			s.since = map[short]stay{}
		}
		s.since[k] = stay{at, !e.Late}
	case !known || !had.join && at < had.at:
		if s.since == nil {
			s.since = map[short]stay{}
		}
		s.since[k] = stay{at, false}
	}
}

// removed counts a member who would be removed, when that is after a long time.
func (s *stays) removed(e *chat.Event, a *chat.Action, gone Removal, out *LongTime, b *budget) {
	k := shortMember(a.Group, a.Member)
	how := &out.FirstSeen
	begin, known := s.since[k]
	switch {
	case a.Member == e.Member && a.Group == e.Group && !e.JoinedAt.IsZero():
		begin, how = stay{at: e.JoinedAt.UnixMicro()}, &out.JoinedAt
	case !known:
		return
	case begin.join:
		how = &out.Join
	}
	if a.EventAt.UnixMicro()-begin.at <= micros(longTime) || !s.long.add(k, b) {
		return
	}
	*how++
	if len(out.Samples) < maxBad {
		out.Samples = append(out.Samples, gone)
	}
}
