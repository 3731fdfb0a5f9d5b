package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/spool"
)

const newestGivenUp = "SELECT id, at, why, body FROM given_up ORDER BY id DESC LIMIT ?"

// ReadSpool returns what the spool in a folder holds, and of what was given up so many at most. Nothing in
// it is changed. As with OpenSpool, only one process has the folder at a time.
func ReadSpool(ctx context.Context, dir string, most int64, givenUp int) (spool.Contents, error) {
	s, err := openedBy((*Spool).look, dir, most)
	if err != nil {
		return spool.Contents{}, err
	}
	c, err := s.Contents(ctx, givenUp)
	return c, errors.Join(err, s.release())
}

// look opens the file to read it, and counts what waits.
func (s *Spool) look(ctx context.Context) (err error) {
	if err := checkMade(s.path, s.marker()); err != nil {
		return err
	}
	if s.read, err = openFile(s.path, "mode=ro", "query_only(1)"); err != nil {
		return err
	}
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := versionOf(ctx, conn, s.path, spoolVersion); err != nil {
		return errors.Join(err, conn.Close())
	}
	return errors.Join(s.count(ctx, conn), conn.Close())
}

// Contents returns what the spool holds, and of what was given up so many at most.
func (s *Spool) Contents(ctx context.Context, givenUp int) (spool.Contents, error) {
	oldest, err := s.Oldest(ctx)
	if err != nil {
		return spool.Contents{}, err
	}
	gone, err := s.givenUp(ctx, givenUp)
	if err != nil {
		return spool.Contents{}, fmt.Errorf("reading what was given up from %s: %w", s.path, err)
	}
	return spool.Contents{Depth: s.Depth(), Oldest: oldest, GivenUp: gone}, nil
}

func (s *Spool) givenUp(ctx context.Context, most int) ([]spool.GivenUp, error) {
	rows, err := s.read.QueryContext(ctx, newestGivenUp, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []spool.GivenUp
	for rows.Next() {
		var g spool.GivenUp
		var at int64
		var body []byte
		if err := rows.Scan(&g.ID, &at, &g.Why, &body); err != nil {
			return nil, err
		}
		g.At, g.Event = time.UnixMicro(at), spool.Outline(body)
		out = append(out, g)
	}
	return out, rows.Err()
}
