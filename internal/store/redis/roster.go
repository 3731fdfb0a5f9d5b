package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// keepRoster is how long a roster and the groups of an account stay without being used.
const keepRoster = 90 * 24 * time.Hour

// Roster implements store.Store.
func (s *Store) Roster(ctx context.Context, g chat.Group) (chat.Roster, error) {
	if err := s.ready(ctx); err != nil {
		return chat.Roster{}, err
	}
	key := rosterKey(store.PartitionOf(g, s.o.Partitions), g)
	var fields *goredis.SliceCmd
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		fields = p.HMGet(ctx, key, "version", "members")
		p.PExpire(ctx, key, keepRoster)
		return nil
	})
	if err != nil {
		return chat.Roster{}, s.wrap(err, "read the roster of group %q", g.ID)
	}
	version, _ := fields.Val()[0].(string)
	members, _ := fields.Val()[1].(string)
	if version == "" {
		return chat.Roster{}, nil
	}
	var r chat.Roster
	// JSON replaces bytes that are not UTF-8, so member IDs are stored as bytes.
	var raw [][]byte
	if r.Version, err = strconv.ParseInt(version, 10, 64); err == nil {
		err = json.Unmarshal([]byte(members), &raw)
	}
	if err != nil {
		return chat.Roster{}, fmt.Errorf("read the roster of group %q: %w: %w", g.ID, store.ErrDamaged, err)
	}
	for _, m := range raw {
		r.Members = append(r.Members, chat.MemberID(m))
	}
	return r, nil
}

// SaveRoster implements store.Store. The group counts as learned, too; where the account has no
// room for it, the roster is stored all the same.
func (s *Store) SaveRoster(ctx context.Context, g chat.Group, r chat.Roster) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	raw := make([][]byte, len(r.Members))
	for i, m := range r.Members {
		raw[i] = []byte(m)
	}
	members, err := json.Marshal(raw)
	if err != nil {
		return fmt.Errorf("encode the roster of group %q: %w", g.ID, err)
	}
	key := rosterKey(store.PartitionOf(g, s.o.Partitions), g)
	stored, err := s.run(ctx, s.scripts.roster, []string{key}, r.Version, rand.Text(), members, millis(keepRoster)).Int()
	if err != nil {
		return s.wrap(err, "save the roster of group %q", g.ID)
	}
	if stored == 0 {
		return fmt.Errorf("save version %d of the roster of group %q: %w", r.Version, g.ID, store.ErrStale)
	}
	if err := s.LearnGroup(ctx, g); err != nil && !errors.Is(err, store.ErrFull) {
		return err
	}
	return nil
}

// Groups implements store.Store.
func (s *Store) Groups(ctx context.Context, p chat.Provider, a chat.Account) ([]chat.GroupID, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	key := s.accountKey(p, a)
	var ids *goredis.StringSliceCmd
	_, err := s.client.Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		ids = pipe.SMembers(ctx, key)
		pipe.PExpire(ctx, key, keepRoster)
		return nil
	})
	if err != nil {
		return nil, s.wrap(err, "list the groups of account %q", a)
	}
	out := make([]chat.GroupID, len(ids.Val()))
	for i, id := range ids.Val() {
		out[i] = chat.GroupID(id)
	}
	return out, nil
}

// LearnGroup implements store.Store.
func (s *Store) LearnGroup(ctx context.Context, g chat.Group) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	keys := []string{s.accountKey(g.Provider, g.Account)}
	known, err := s.run(ctx, s.scripts.learn, keys, string(g.ID), s.o.MaxGroups, millis(keepRoster)).Int()
	if err != nil {
		return s.wrap(err, "learn group %q", g.ID)
	}
	if known == 0 {
		return fmt.Errorf("learn group %q: account %q has %d: %w", g.ID, g.Account, s.o.MaxGroups, store.ErrFull)
	}
	return nil
}

func (s *Store) accountKey(p chat.Provider, a chat.Account) string {
	return groupsKey(store.PartitionOfKey(string(p), string(a), s.o.Partitions), p, a)
}
