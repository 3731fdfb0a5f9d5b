package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// casePage is how many cases are read at a time.
const casePage = 100

const (
	caseRow     = "SELECT seq, at, strikes, print, text, body FROM cases "
	caseByID    = caseRow + "WHERE id = ?"
	caseByCode  = caseRow + "WHERE code = ? ORDER BY seq DESC LIMIT 1"
	caseAnswers = "SELECT body FROM answers WHERE case_seq = ? ORDER BY n"
	spanOfCases = "SELECT COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0) FROM cases INDEXED BY cases_code WHERE at >= ? AND at < ?"
	casesInSpan = caseRow + "WHERE seq >= ?1 AND seq < ?2 AND at >= ?3 AND at < ?4 ORDER BY seq DESC LIMIT ?5"
	casesOf     = caseRow + "WHERE of_case = ?6 AND seq >= ?1 AND seq < ?2 AND at >= ?3 AND at < ?4 ORDER BY seq DESC LIMIT ?5"
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

func (s *Store) record(ctx context.Context, query string, key []byte) (chat.Record, bool, error) {
	found, err := s.records(ctx, query, key)
	if err != nil || len(found) == 0 {
		return chat.Record{}, false, err
	}
	return found[0].Record, true, nil
}

// Cases implements store.Store.
func (s *Store) Cases(ctx context.Context, q store.Query, keep func(*chat.Record) bool) ([]chat.Record, error) {
	args, err := s.span(ctx, &q)
	if err != nil {
		return nil, fmt.Errorf("looking for cases: %w", err)
	}
	query := casesInSpan
	if q.Of != "" {
		query, args = casesOf, append(args, []byte(q.Of))
	}
	var out []chat.Record
	for len(out) < q.Most {
		page, err := s.records(ctx, query, args...)
		if err != nil {
			return nil, fmt.Errorf("looking for cases: %w", err)
		}
		for i := range page {
			if len(out) < q.Most && (keep == nil || keep(&page[i].Record)) {
				out = append(out, page[i].Record)
			}
		}
		if len(page) < casePage {
			break
		}
		args[1] = page[casePage-1].seq
	}
	return out, nil
}

// span returns the first arguments of casesInSpan. Cases are numbered as they are stored, so that those
// of a span stand together unless the clock was set meanwhile.
func (s *Store) span(ctx context.Context, q *store.Query) ([]any, error) {
	first, last, since, until := int64(0), int64(math.MaxInt64-1), int64(math.MinInt64), int64(math.MaxInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixMicro()
	}
	if !q.Since.IsZero() || !q.Until.IsZero() {
		if err := s.read.QueryRowContext(ctx, spanOfCases, since, until).Scan(&first, &last); err != nil {
			return nil, err
		}
	}
	return []any{first, last + 1, since, until, casePage}, nil
}

// found is a record and where it stands.
type found struct {
	chat.Record
	seq, at int64
}

// records reads cases and their answers in one snapshot.
func (s *Store) records(ctx context.Context, query string, args ...any) ([]found, error) {
	txn, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = txn.Rollback() }() // a read has nothing to lose
	out, err := s.scanCases(ctx, txn, query, args)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Answers, err = answersOf(ctx, txn, out[i].seq); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) scanCases(ctx context.Context, txn *sql.Tx, query string, args []any) ([]found, error) {
	rows, err := txn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keptSince := s.o.Now().Add(-s.o.KeepText).UnixMicro()
	var out []found
	for rows.Next() {
		var f found
		var text, body []byte
		var print sql.NullString
		if err := rows.Scan(&f.seq, &f.at, &f.Strikes, &print, &text, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &f.Case); err != nil {
			return nil, fmt.Errorf("case %d: %w: %w", f.seq, store.ErrDamaged, err)
		}
		f.Fingerprint = print.String
		if print.Valid {
			f.Case.Event.Text = string(text)
		} else {
			f.Fingerprint = chat.Fingerprint(f.Case.Event.Text)
		}
		if f.at <= keptSince { // whether its text was removed yet or not
			f.Case.Event.Text = ""
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

func answersOf(ctx context.Context, txn *sql.Tx, seq int64) ([]chat.Answer, error) {
	rows, err := txn.QueryContext(ctx, caseAnswers, seq)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []chat.Answer
	for rows.Next() {
		var a chat.Answer
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, fmt.Errorf("an answer of case %d: %w: %w", seq, store.ErrDamaged, err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
