package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

const (
	getRoster     = "SELECT version, members FROM rosters WHERE provider = ? AND account = ? AND grp = ?"
	rosterVersion = "SELECT version FROM rosters WHERE provider = ? AND account = ? AND grp = ?"
	countGroups   = "SELECT COUNT(*) FROM rosters WHERE provider = ? AND account = ?"
	listGroups    = "SELECT grp FROM rosters WHERE provider = ? AND account = ?"
	putRoster     = `INSERT INTO rosters (provider, account, grp, version, members) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (provider, account, grp) DO UPDATE SET version = excluded.version, members = excluded.members`
)

func groupKey(g chat.Group) []any { return []any{[]byte(g.Provider), []byte(g.Account), []byte(g.ID)} }

// Roster implements store.Store.
func (s *Store) Roster(ctx context.Context, g chat.Group) (chat.Roster, error) {
	var r chat.Roster
	var members []byte
	err := s.read.QueryRowContext(ctx, getRoster, groupKey(g)...).Scan(&r.Version, &members)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Roster{}, nil
	}
	if err == nil {
		if err = json.Unmarshal(members, &r.Members); err != nil {
			err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
	}
	if err != nil {
		return chat.Roster{}, fmt.Errorf("reading the roster of group %q: %w", g.ID, err)
	}
	return r, nil
}

// SaveRoster implements store.Store.
func (s *Store) SaveRoster(ctx context.Context, g chat.Group, r chat.Roster) error {
	members, err := json.Marshal(r.Members)
	if err != nil {
		return fmt.Errorf("encoding the roster of group %q: %w", g.ID, err)
	}
	err = s.change(ctx, 1, func(t *tx) error {
		var version int64
		known, err := t.get(rosterVersion, groupKey(g), &version)
		if err != nil {
			return err
		}
		if r.Version < 1 || version != r.Version-1 {
			return refusal{fmt.Errorf("%w: version %d stands", store.ErrStale, version)}
		}
		if !known {
			if err := t.room(g); err != nil {
				return err
			}
		}
		return t.exec(putRoster, append(groupKey(g), r.Version, members)...)
	})
	if err != nil {
		return fmt.Errorf("saving version %d of the roster of group %q: %w", r.Version, g.ID, err)
	}
	return nil
}

// LearnGroup implements store.Store.
func (s *Store) LearnGroup(ctx context.Context, g chat.Group) error {
	err := s.change(ctx, 1, func(t *tx) error {
		var version int64
		if known, err := t.get(rosterVersion, groupKey(g), &version); err != nil || known {
			return err
		}
		if err := t.room(g); err != nil {
			return err
		}
		return t.exec(putRoster, append(groupKey(g), 0, []byte("null"))...)
	})
	if err != nil {
		return fmt.Errorf("learning group %q: %w", g.ID, err)
	}
	return nil
}

// room refuses a new group when its account has as many as it may.
func (t *tx) room(g chat.Group) error {
	var n int
	if _, err := t.get(countGroups, groupKey(g)[:2], &n); err != nil {
		return err
	}
	if n >= t.w.o.MaxGroups {
		return refusal{fmt.Errorf("%w: account %q has %d groups", store.ErrFull, g.Account, n)}
	}
	return nil
}

// Groups implements store.Store.
func (s *Store) Groups(ctx context.Context, p chat.Provider, a chat.Account) ([]chat.GroupID, error) {
	rows, err := s.read.QueryContext(ctx, listGroups, []byte(p), []byte(a))
	if err != nil {
		return nil, fmt.Errorf("reading the groups of account %q: %w", a, err)
	}
	defer rows.Close()
	var out []chat.GroupID
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("reading the groups of account %q: %w", a, err)
		}
		out = append(out, chat.GroupID(id))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the groups of account %q: %w", a, err)
	}
	return out, nil
}
