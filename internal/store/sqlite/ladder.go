package sqlite

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// keepLadder bounds how long a ladder is kept, however slowly its points fade.
const keepLadder = 10 * 365 * 24 * time.Hour

const (
	getLadder  = "SELECT points, anchor, steps, expires FROM ladders WHERE grp = ? AND member = ? AND expires > ?"
	putLadder  = "INSERT OR REPLACE INTO ladders (grp, member, points, anchor, steps, expires) VALUES (?, ?, ?, ?, ?, ?)"
	putStrikes = "UPDATE cases SET strikes = ? WHERE seq = ?"
)

// ladder is what the strikes of a member in a group have come to. Times are microseconds.
type ladder struct {
	points  int64
	anchor  int64 // up to when points have faded
	steps   []rung
	expires int64
}

// rung is a rule's last step on a ladder.
type rung struct {
	rule digest
	at   int64 // of the event
	ends int64 // when the step's Once was over, by our clock
}

const rungSize = len(digest{}) + 8 + 8

func decodeRungs(body []byte) []rung {
	var out []rung
	for ; len(body) >= rungSize; body = body[rungSize:] {
		r := rung{
			at:   int64(binary.BigEndian.Uint64(body[rungSize-16:])), //nolint:gosec // written as the same bits
			ends: int64(binary.BigEndian.Uint64(body[rungSize-8:])),  //nolint:gosec // written as the same bits
		}
		copy(r.rule[:], body)
		out = append(out, r)
	}
	return out
}

func encodeRungs(rs []rung) []byte {
	body := make([]byte, 0, len(rs)*rungSize)
	for _, r := range rs {
		body = append(body, r.rule[:]...)
		body = binary.BigEndian.AppendUint64(body, uint64(r.at))   //nolint:gosec // the bits are kept
		body = binary.BigEndian.AppendUint64(body, uint64(r.ends)) //nolint:gosec // the bits are kept
	}
	return body
}

// strike has a new case take its step, and returns what the ladder holds then.
func (t *tx) strike(p *prepared) (int, error) {
	l := ladder{anchor: p.at}
	var steps []byte
	_, err := t.get(getLadder, []any{p.grp[:], []byte(p.member), t.now}, &l.points, &l.anchor, &steps, &l.expires)
	if err != nil {
		return 0, err
	}
	l.steps = decodeRungs(steps)
	faded := l.fade(p.strike, p.at)
	stepped := l.step(p.strike, p.at, t.now)
	if !faded && !stepped {
		return int(l.points), nil // a flood is one offence, and one write
	}
	l.steps = slices.DeleteFunc(l.steps, func(r rung) bool { return r.ends < t.now-t.w.o.KeepSeen.Microseconds() })
	l.expires = max(l.expires, t.now+l.keep(p.strike))
	err = t.exec(putLadder, p.grp[:], []byte(p.member), l.points, l.anchor, encodeRungs(l.steps), l.expires)
	return int(l.points), err
}

// fade lets the points go that have faded by an event, and tells whether that changed anything. A
// late event is before what the ladder knows: nothing fades.
func (l *ladder) fade(s *chat.Strike, at int64) bool {
	if at <= l.anchor {
		return false
	}
	begin := l.anchor
	n := (at - begin) / every(s)
	l.anchor += n * every(s)
	// However many times there were, no more count than there are points: at least one goes each time.
	l.points = max(0, l.points-min(n, l.points)*pace(s))
	if l.points == 0 {
		l.anchor = at
	}
	return l.anchor != begin
}

// every is how often points fade.
func every(s *chat.Strike) int64 { return max(s.Every.Microseconds(), 1) }

// pace is how many points fade at a time.
func pace(s *chat.Strike) int64 { return int64(max(1, min(s.Fade, store.MaxStrikes))) }

// step adds the points of a rule, unless its last step was too close, and tells whether it did.
func (l *ladder) step(s *chat.Strike, at, now int64) bool {
	once := s.Once.Microseconds()
	r := rung{rule: digestOf(string(s.Rule)), at: at, ends: now + once}
	i := slices.IndexFunc(l.steps, func(x rung) bool { return x.rule == r.rule })
	switch {
	case i < 0:
		l.steps = append(l.steps, r)
	case max(at-l.steps[i].at, l.steps[i].at-at) < once:
		return false
	default:
		l.steps[i] = r
	}
	l.points = min(l.points+int64(max(0, min(s.Points, store.MaxStrikes))), store.MaxStrikes)
	return true
}

// keep is how long a ladder is kept after a step: until its points have faded and the rule may step
// again. Steps before it have said so for themselves.
func (l *ladder) keep(s *chat.Strike) int64 {
	most := keepLadder.Microseconds()
	times := (l.points + pace(s) - 1) / pace(s)
	if times > 0 && every(s) > most/times {
		return most
	}
	return min(times*every(s)+s.Once.Microseconds(), most)
}
