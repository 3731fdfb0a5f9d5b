package sqlite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// A member who was removed can join again and offend before the webhook of the join is here: then
// the mark of the first removal keeps the second one out. What was kept out is remembered, and so is
// a join that lifted marks. When the event comes again, the two together show that the second
// removal was owed. What happened before that join is settled: late news of it queues nothing, and
// nothing is owed for it.
//
// A join that lifted nothing settles what came well before it, if its time is exact: the offence before
// it may wait elsewhere to be judged. One that lifted the mark of what is in the queue is remembered for
// longer: it is asked for when the action's turn comes.
const (
	returned = "EXISTS (SELECT 1 FROM lifted WHERE grp = ?3 AND member = ?4 AND expires > ?5)"

	liftMarks = "DELETE FROM marks WHERE grp = ? AND member = ? AND event_at < ?"
	putLifted = `INSERT INTO lifted (grp, member, at, expires) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (grp, member) DO UPDATE SET
		at = CASE WHEN expires > ?5 THEN MAX(at, excluded.at) ELSE excluded.at END, expires = excluded.expires`
	// putCame comes before liftMarks: of what is pending or held it sees the marks that the join lifts.
	putCame = `INSERT INTO came (grp, member, at, expires) SELECT ?1, ?2, ?3, CASE WHEN
		EXISTS (SELECT 1 FROM marks WHERE grp = ?1 AND member = ?2 AND event_at < ?6 AND expires = 0) THEN ?7 ELSE ?4 END
		WHERE true ON CONFLICT (grp, member) DO UPDATE SET
		at = CASE WHEN expires > ?5 THEN MAX(at, excluded.at) ELSE excluded.at END, expires = MAX(expires, excluded.expires)`
	// getCame takes a list of groups, members (both in hexadecimal) and times, and returns the places in it
	// of those who came back.
	getCame = `SELECT q.key FROM json_each(?1) q CROSS JOIN came c
		ON c.grp = unhex(q.value ->> 0) AND c.member = unhex(q.value ->> 1) WHERE c.at > q.value ->> 2 AND c.expires > ?2`
	moveLifted = "UPDATE lifted SET at = ?3, expires = ?4 WHERE grp = ?1 AND member = ?2 AND at < ?3 AND expires > ?5"

	putDropped = `INSERT OR REPLACE INTO dropped (action, decided, event_at, expires) SELECT ?1, MAX(event_at), ?2, ?3
		FROM marks WHERE grp = ?4 AND member = ?5 AND key IN (?6, ?7) AND (expires = 0 OR expires > ?8 AND done >= ?9)
		HAVING MAX(event_at) < ?2`
	getOwed = `SELECT 1 FROM dropped d, lifted l WHERE d.action = ?1 AND d.expires > ?4
		AND l.grp = ?2 AND l.member = ?3 AND l.expires > ?4 AND l.at > d.decided AND l.at <= d.event_at`
	dropDropped = "DELETE FROM dropped WHERE action = ?"
)

// settleBefore remembers a join whose time is exact.
func (t *tx) settleBefore(grp digest, l *chat.Look) error {
	before := store.SettledBefore(l.At, time.UnixMicro(t.now))
	return t.exec(putCame, grp[:], []byte(l.Member), before, t.now+chat.DedupeFor.Microseconds(), t.now,
		l.At.UnixMicro(), t.now+store.KeepPending.Microseconds())
}

// CameBack implements store.Store.
func (s *Store) CameBack(ctx context.Context, of []chat.Action) ([]bool, error) {
	back := make([]bool, len(of))
	list := make([][3]any, len(of))
	for i := range of {
		a := &of[i]
		grp := groupDigest(a.Group)
		list[i] = [3]any{hex.EncodeToString(grp[:]), hex.EncodeToString([]byte(a.Member)), a.EventAt.UnixMicro()}
	}
	body, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("asking which of %d members came back: %w", len(of), err)
	}
	rows, err := s.came.QueryContext(ctx, string(body), s.o.Now().UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("asking which of %d members came back: %w", len(of), err)
	}
	defer rows.Close()
	for rows.Next() {
		var i int
		if err := rows.Scan(&i); err != nil {
			return nil, fmt.Errorf("reading who came back: %w", err)
		}
		back[i] = of[i].Member != ""
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading who came back: %w", err)
	}
	return back, nil
}

// lift ends the marks of what was decided about a member before a join, and remembers the join. One
// that lifts nothing is only remembered where an earlier one is: an offence between the two must
// not remove the member who came back after it.
func (t *tx) lift(grp digest, m chat.MemberID, at int64) error {
	lifted, err := t.change(liftMarks, grp[:], []byte(m), at)
	if err != nil {
		return err
	}
	query := moveLifted
	if lifted > 0 {
		query = putLifted
	}
	return t.exec(query, grp[:], []byte(m), at, t.now+chat.DedupeFor.Microseconds(), t.now)
}

// drop remembers an action that a mark keeps out, the later one of two, for as long as its event may be
// repeated. No join can lie between a mark and an event that is no later; nor is the mark of somebody who was let in
// after the event any earlier, since that join lifted those that were.
func (t *tx) drop(p *prepared, a *preparedAction) error {
	return t.exec(putDropped, string(a.ID), a.EventAt.UnixMicro(), t.now+t.w.o.KeepSeen.Microseconds(),
		p.grp[:], []byte(a.Member), []byte(a.key), []byte(a.held), t.now, store.DoneBefore(a.Action))
}

// recommit queues those actions of a known case that were dropped for the sake of a mark which the
// member's join, no later than the event, has lifted since. What did not act was not dropped.
func (t *tx) recommit(p *prepared, out *chat.Committed) error {
	for i := range p.actions {
		a := &p.actions[i]
		var one int
		owed, err := t.get(getOwed, []any{string(a.ID), p.grp[:], []byte(a.Member), t.now}, &one)
		if err != nil {
			return err
		}
		if !owed {
			continue
		}
		queued, err := t.enqueue(p, a)
		if err != nil {
			return err
		}
		if !queued {
			continue
		}
		if err := t.exec(dropDropped, string(a.ID)); err != nil {
			return err
		}
		out.Queued++
	}
	return nil
}
