package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	// getKnown also tells whether anything can be owed to the case: nothing is, where no join lifted
	// marks of the member.
	getKnown = `SELECT strikes, ` + returned + ` FROM cases WHERE id = ?1
		UNION ALL SELECT 0, ` + returned + ` FROM seen WHERE id = ?1 AND at > ?2 LIMIT 1`
	putCase = "INSERT INTO cases (id, code, at, body, of_case, text, print) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING seq"
	// putSeen dates a case that the audit does not keep so that it goes in time.
	putSeen = "INSERT OR REPLACE INTO seen (id, at) VALUES (?, ?)"
	putMark = `INSERT INTO marks (grp, member, key, action, event_at, expires) SELECT ?1, ?2, ?3, ?4, ?5, 0
		WHERE NOT EXISTS (SELECT 1 FROM lifted WHERE grp = ?1 AND member = ?2 AND member <> x'' AND at > ?5 AND expires > ?6)
		AND NOT EXISTS (SELECT 1 FROM came WHERE grp = ?1 AND member = ?2 AND member <> x'' AND at > ?5 AND expires > ?6)
		AND NOT EXISTS (SELECT 1 FROM marks WHERE grp = ?1 AND member = ?2 AND key = ?8)
		ON CONFLICT (grp, member, key) DO UPDATE SET action = excluded.action, event_at = excluded.event_at, expires = 0, done = 0
		WHERE marks.expires > 0 AND (marks.expires <= ?6 OR marks.done < ?7)`
	putEntry = "INSERT INTO queue (seq, part, queued_at, lease, fence, deliveries, attempts, body) VALUES (?, ?, ?, 0, 0, 0, 0, ?)"

	lastAnswer = "SELECT COALESCE(MAX(n), 0) FROM answers WHERE case_seq = ?"
	putAnswer  = "INSERT INTO answers (case_seq, n, body) VALUES (?, ?, ?)"
	cutAnswers = "DELETE FROM answers WHERE case_seq = ? AND n <= ?"
)

// prepared is a case made ready by its caller, so that the writer has little left to do.
type prepared struct {
	id      chat.CaseID
	code    string
	body    []byte // without the text
	text    []byte // nil: none
	print   string // of the text
	of      []byte // the case that it is a part of; nil: none
	grp     digest
	part    int
	strike  *chat.Strike // nil: the case steps no ladder
	member  chat.MemberID
	at      int64 // of the event
	actions []preparedAction
	// unlisted cases have no row of their own, and so neither body nor text.
	unlisted bool
}

type preparedAction struct {
	chat.Action
	key  string // of its mark
	held string // of its mark while it is held
	body []byte
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	if len(cases) == 0 {
		return nil, nil
	}
	ready := make([]prepared, len(cases))
	ops := 0
	for i := range cases {
		p, err := s.ready(&cases[i])
		if err != nil {
			return nil, err
		}
		ready[i] = p
		ops += 1 + len(p.actions)
	}
	var out []chat.Committed
	err := s.soon(ctx, ops, func(t *tx) error {
		out = make([]chat.Committed, len(ready))
		for i := range ready {
			if err := t.commit(&ready[i], &out[i]); err != nil {
				return fmt.Errorf("committing case %s: %w", ready[i].id, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) ready(c *chat.Case) (prepared, error) {
	bare := store.Audited(c)
	body, err := json.Marshal(&bare)
	if err != nil {
		return prepared{}, fmt.Errorf("encoding case %s: %w", c.ID, err)
	}
	p := prepared{
		id: c.ID, code: c.Code, body: body, print: chat.Fingerprint(c.Event.Text), text: orNull(c.Event.Text), of: orNull(string(c.Of)),
		grp: groupDigest(c.Event.Group), part: store.PartitionOf(c.Event.Group, s.o.Partitions),
		member: c.Event.Member, at: c.Event.At.UnixMicro(), unlisted: c.Unlisted,
	}
	if p.member != "" {
		p.strike = c.Strike
	}
	for _, a := range c.Actions() {
		body, err := store.MarshalAction(a)
		if err != nil {
			return prepared{}, err
		}
		key, _ := a.Dedupe()
		p.actions = append(p.actions, preparedAction{Action: a, key: key, held: store.HeldKey(a.Intent.Rule, key), body: body})
	}
	return p, nil
}

// orNull returns a text as the file keeps it: none is NULL.
func orNull(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func (t *tx) commit(p *prepared, out *chat.Committed) error {
	var back bool
	var err error
	known := []any{[]byte(p.id), t.now - t.w.o.KeepSeen.Microseconds(), p.grp[:], []byte(p.member), t.now}
	if out.Known, err = t.get(getKnown, known, &out.Strikes, &back); err != nil {
		return err
	}
	switch {
	case out.Known && back:
		return t.recommit(p, out)
	case out.Known:
		return nil
	}
	seq, err := t.list(p)
	if err != nil {
		return err
	}
	if p.strike != nil {
		if out.Strikes, err = t.strike(p); err != nil {
			return err
		}
		if err := t.exec(putStrikes, out.Strikes, seq); err != nil {
			return err
		}
	}
	for i := range p.actions {
		if a := &p.actions[i]; a.Intent.Acts(out.Strikes) {
			if err := t.act(p, a, seq, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// list makes a new case known and returns its number in the audit. One that the audit does not keep is
// among those whose record has gone, and has the number 0, which is no case's.
func (t *tx) list(p *prepared) (seq int64, err error) {
	if p.unlisted {
		o := t.w.o
		return 0, t.exec(putSeen, []byte(p.id), t.now-(o.KeepSeen-o.KeepUnlisted()).Microseconds())
	}
	t.newCases++
	row := []any{[]byte(p.id), []byte(p.code), t.now, p.body, p.of, p.text, p.print}
	_, err = t.get(putCase, row, &seq)
	return seq, err
}

// act queues an action of a new case, or remembers what keeps it out.
func (t *tx) act(p *prepared, a *preparedAction, seq int64, out *chat.Committed) error {
	queued, err := t.enqueue(p, a)
	if err != nil {
		return err
	}
	if queued {
		out.Queued++
		return nil
	}
	out.Deduplicated = append(out.Deduplicated, a.Action)
	if err := t.drop(p, a); err != nil || p.unlisted {
		return err
	}
	return t.answer(seq, chat.Answer{
		Action: a.ID, Kind: a.Intent.Kind, Member: a.Member, State: "deduplicated", At: time.UnixMicro(t.now).UTC(),
	})
}

// enqueue puts an action and its mark, unless a mark keeps it out: one that is pending, one of its own
// rule that is held, or one that was done not so long before the action's event that the member must be
// back. It also keeps out what the
// member did before the join that lifted such marks: that is settled, and somebody let the member in.
func (t *tx) enqueue(p *prepared, a *preparedAction) (bool, error) {
	marked, err := t.change(putMark, p.grp[:], []byte(a.Member), []byte(a.key), string(a.ID), a.EventAt.UnixMicro(), t.now,
		store.DoneBefore(a.Action), []byte(a.held))
	if err != nil || marked == 0 {
		return false, err
	}
	return true, t.put(p.part, a.body)
}

// put appends an entry to the queue.
func (t *tx) put(part int, body []byte) error {
	if err := t.exec(putEntry, t.w.nextSeq, part, t.now, body); err != nil {
		return err
	}
	t.w.nextSeq++
	t.woken[part] = true
	return nil
}

// answer appends to a case's answers and lets go of the oldest past the bound.
func (t *tx) answer(caseSeq int64, a chat.Answer) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encoding the answer to action %s: %w", a.Action, err)
	}
	var n int64
	if _, err := t.get(lastAnswer, []any{caseSeq}, &n); err != nil {
		return err
	}
	n++
	if err := t.exec(putAnswer, caseSeq, n, body); err != nil {
		return err
	}
	if n <= store.MaxAnswers {
		return nil
	}
	return t.exec(cutAnswers, caseSeq, n-store.MaxAnswers)
}
