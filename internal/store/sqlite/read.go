package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	caseByID    = "SELECT seq, strikes, body FROM cases WHERE id = ?"
	caseByCode  = "SELECT seq, strikes, body FROM cases WHERE code = ? ORDER BY seq DESC LIMIT 1"
	caseAnswers = "SELECT body FROM answers WHERE case_seq = ? ORDER BY n"
	newestDead  = "SELECT at, attempts, code, text, body FROM dead ORDER BY seq DESC LIMIT ?"
	queueDepth  = `SELECT (SELECT COUNT(*) FROM queue), (SELECT COUNT(*) FROM dead),
		COALESCE((SELECT queued_at FROM queue ORDER BY seq LIMIT 1), 0)`
)

// Record implements store.Store.
func (s *Store) Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error) {
	r, ok, err := s.record(ctx, caseByID, []byte(id))
	if err != nil {
		err = fmt.Errorf("reading case %q: %w", id, err)
	}
	return r, ok, err
}

// RecordByCode implements store.Store.
func (s *Store) RecordByCode(ctx context.Context, code string) (chat.Record, bool, error) {
	r, ok, err := s.record(ctx, caseByCode, []byte(code))
	if err != nil {
		err = fmt.Errorf("reading the case of code %q: %w", code, err)
	}
	return r, ok, err
}

// record reads a case and its answers in one snapshot.
func (s *Store) record(ctx context.Context, query string, key []byte) (chat.Record, bool, error) {
	var r chat.Record
	txn, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return r, false, err
	}
	defer func() { _ = txn.Rollback() }() // a read has nothing to lose
	var seq int64
	var body []byte
	err = txn.QueryRowContext(ctx, query, key).Scan(&seq, &r.Strikes, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	if err := json.Unmarshal(body, &r.Case); err != nil {
		return r, false, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	rows, err := txn.QueryContext(ctx, caseAnswers, seq)
	if err != nil {
		return r, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var a chat.Answer
		if err := rows.Scan(&body); err != nil {
			return r, false, err
		}
		if err := json.Unmarshal(body, &a); err != nil {
			return r, false, fmt.Errorf("an answer: %w: %w", store.ErrDamaged, err)
		}
		r.Answers = append(r.Answers, a)
	}
	return r, true, rows.Err()
}

// Dead implements store.Store.
func (s *Store) Dead(ctx context.Context, maxLetters int) ([]actions.DeadLetter, error) {
	rows, err := s.read.QueryContext(ctx, newestDead, max(maxLetters, 0))
	if err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	defer rows.Close()
	var out []actions.DeadLetter
	for rows.Next() {
		var l actions.DeadLetter
		var at int64
		var body []byte
		if err := rows.Scan(&at, &l.Attempts, &l.Code, &l.Text, &body); err != nil {
			return nil, fmt.Errorf("reading a dead letter: %w", err)
		}
		if l.Action, err = store.UnmarshalAction(body); err != nil {
			return nil, fmt.Errorf("reading a dead letter: %w", err)
		}
		l.At = time.UnixMicro(at).UTC()
		out = append(out, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	return out, nil
}

// Depth implements store.Store.
func (s *Store) Depth(ctx context.Context) (actions.Depth, error) {
	var d actions.Depth
	var oldest int64
	if err := s.read.QueryRowContext(ctx, queueDepth).Scan(&d.Entries, &d.Dead, &oldest); err != nil {
		return actions.Depth{}, fmt.Errorf("reading the queue's depth: %w", err)
	}
	if d.Entries > 0 {
		d.Oldest = time.UnixMicro(oldest).UTC()
	}
	return d, nil
}
