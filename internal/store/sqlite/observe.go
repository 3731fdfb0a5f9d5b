package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	getWindow = "SELECT points, expires, form FROM windows WHERE id = ?"
	putWindow = "UPDATE windows SET points = ?1, form = ?3 WHERE id = ?2"
	newWindow = `INSERT INTO windows (id, points, expires, form) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
		points = excluded.points, expires = excluded.expires, form = excluded.form`

	getJoin = "SELECT at FROM joins WHERE grp = ? AND member = ? AND expires > ?"
	putJoin = `INSERT INTO joins (grp, member, at, expires) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (grp, member) DO UPDATE SET
		at = CASE WHEN expires > ?5 THEN MAX(at, excluded.at) ELSE excluded.at END, expires = MAX(expires, excluded.expires)`
)

// window is a sliding count or a trail within one transaction: read once, written once.
type window struct {
	points  points // of a count
	trail   trail  // of a trail
	long    bool   // it is a trail
	expires int64
	changed bool
	renewed bool // expires changed too; that costs an index
}

// Observe implements store.Store.
func (s *Store) Observe(ctx context.Context, looks []chat.Look) ([]chat.Facts, error) {
	if len(looks) == 0 {
		return nil, nil
	}
	ops := 0
	for i := range looks {
		ops += 1 + len(looks[i].Windows)
	}
	var facts []chat.Facts
	err := s.soon(ctx, ops, func(t *tx) error {
		facts = make([]chat.Facts, len(looks))
		for i := range looks {
			if err := t.observe(&looks[i], &facts[i]); err != nil {
				return fmt.Errorf("observing event %q: %w", looks[i].Event, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return facts, nil
}

func (t *tx) observe(l *chat.Look, f *chat.Facts) error {
	if len(l.Windows) > 0 {
		if err := t.windowsOf(l, f); err != nil {
			return err
		}
	}
	if l.Kind == chat.Join && !l.Peek {
		if err := t.join(l); err != nil {
			return err
		}
	}
	if !l.Joined {
		return nil
	}
	grp := groupDigest(l.Group)
	var at int64
	found, err := t.get(getJoin, []any{grp[:], []byte(l.Member), t.now}, &at)
	if found {
		f.JoinedAt = time.UnixMicro(at).UTC()
	}
	return err
}

func (t *tx) windowsOf(l *chat.Look, f *chat.Facts) error {
	p := point{at: l.At.UnixMicro(), id: digestOf(string(l.Group.Provider), string(l.Group.Account), string(l.Group.ID), string(l.Event))}
	f.Counts = make([]int, len(l.Windows))
	for i := range l.Windows {
		var err error
		if cw := &l.Windows[i]; cw.Note == "" {
			f.Counts[i], err = t.count(cw, p, l.Peek)
		} else {
			if f.Trails == nil {
				f.Trails = make([][]chat.Entry, len(l.Windows))
			}
			f.Trails[i], err = t.follow(cw, p, l.Peek)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// count adds an event to a window, unless it is there or only peeks, and counts around it.
func (t *tx) count(cw *chat.Window, p point, peek bool) (int, error) {
	w, err := t.window(digestOf(cw.ID, cw.Key), false)
	if err != nil {
		return 0, err
	}
	within := cw.Within.Microseconds()
	if i := w.points.find(p.id); i >= 0 {
		return w.points.again(i, within), nil
	}
	add := max(1, min(cw.Add, cw.Limit))
	i := w.points.insert(p, add)
	n := w.points.most(i, within)
	if peek {
		w.points = append(w.points[:i], w.points[i+add:]...)
		return n, nil
	}
	for j := i; j < i+add; j++ {
		w.points[j].first = uint32(n) //nolint:gosec // as many as a window holds
	}
	w.points.trim(cw.Limit, within)
	w.keep(t.now, within)
	return n, nil
}

// follow adds an event to a trail, unless it is there or only peeks, and returns what is around it.
func (t *tx) follow(cw *chat.Window, p point, peek bool) ([]chat.Entry, error) {
	w, err := t.window(digestOf(cw.ID, cw.Key, "trail"), true)
	if err != nil {
		return nil, err
	}
	within := cw.Within.Microseconds()
	e := entry{point: p, turn: w.trail.next(), note: cw.Note[:min(len(cw.Note), chat.MaxNote)]}
	i := w.trail.find(p.id)
	if i >= 0 {
		e = w.trail[i]
	}
	around := w.trail.around(e, within)
	if i >= 0 || peek {
		return around, nil
	}
	w.trail.insert(e)
	w.trail.thin(e.note, within)
	w.trail.trim(cw.Limit, within)
	w.keep(t.now, within)
	return around, nil
}

func (t *tx) window(id digest, long bool) (*window, error) {
	if w := t.windows[id]; w != nil {
		return w, nil
	}
	w := &window{long: long}
	var body []byte
	var packed form
	if _, err := t.get(getWindow, []any{id[:]}, &body, &w.expires, &packed); err != nil {
		return nil, err
	}
	if long {
		w.trail = decodeTrail(body, packed)
	} else {
		w.points = decodePoints(body, packed)
	}
	t.windows[id] = w
	return w, nil
}

// keep has the window written and, now and then, its expiry moved.
func (w *window) keep(now, within int64) {
	w.changed = true
	if w.expires < now+2*within {
		w.expires, w.renewed = now+3*within+time.Minute.Microseconds(), true
	}
}

func (w *window) encode() []byte {
	if w.long {
		return w.trail.encode()
	}
	return w.points.encode()
}

func (t *tx) saveWindows() error {
	for id, w := range t.windows {
		if !w.changed {
			continue
		}
		var err error
		if w.renewed {
			err = t.exec(newWindow, id[:], w.encode(), w.expires, formMore)
		} else {
			err = t.exec(putWindow, w.encode(), id[:], formMore)
		}
		if err != nil {
			return fmt.Errorf("storing a window: %w", err)
		}
	}
	return nil
}

// join keeps a join time, remembers what it settles, and lifts the marks of what was decided about the member before it.
func (t *tx) join(l *chat.Look) error {
	grp, at := groupDigest(l.Group), l.At.UnixMicro()
	if l.KeepJoin > 0 {
		if err := t.exec(putJoin, grp[:], []byte(l.Member), at, t.now+l.KeepJoin.Microseconds(), t.now); err != nil {
			return err
		}
	}
	if l.Exact {
		if err := t.settleBefore(grp, l); err != nil {
			return err
		}
	}
	return t.lift(grp, l.Member, at)
}
