package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// letter is a dead letter as it is stored, behind the number of its attempts. The action keeps the
// form that it had in the queue, in which any bytes of an ID survive.
type letter struct {
	Action json.RawMessage `json:"action"`
	Code   string          `json:"code,omitempty"`
	Text   string          `json:"text,omitempty"`
	At     time.Time       `json:"at"`
}

func encodeLetter(one *actions.Settlement) ([]byte, error) {
	action, err := store.MarshalAction(one.Item.Action)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(letter{Action: action, Code: one.Code, Text: one.Text, At: one.At.UTC()})
	if err != nil {
		return nil, fmt.Errorf("encode its dead letter: %w", err)
	}
	return body, nil
}

func decodeLetter(text string) (actions.DeadLetter, error) {
	count, body, _ := strings.Cut(text, " ")
	attempts, err := strconv.Atoi(count)
	if err != nil {
		return actions.DeadLetter{}, fmt.Errorf("read a dead letter: %w: %w", store.ErrDamaged, err)
	}
	var l letter
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return actions.DeadLetter{}, fmt.Errorf("read a dead letter: %w: %w", store.ErrDamaged, err)
	}
	action, err := store.UnmarshalAction(l.Action)
	if err != nil {
		return actions.DeadLetter{}, fmt.Errorf("read a dead letter: %w", err)
	}
	return actions.DeadLetter{Action: action, Code: l.Code, Text: l.Text, Attempts: attempts, At: l.At}, nil
}

// Dead implements store.Store.
func (s *Store) Dead(ctx context.Context, most int) ([]actions.DeadLetter, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if most <= 0 {
		return nil, nil
	}
	names := make([]*goredis.StringSliceCmd, s.o.Partitions)
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for part := range names {
			names[part] = p.ZRevRange(ctx, partKey(part, kindDeadAge), 0, int64(most)-1)
		}
		return nil
	})
	if err != nil {
		return nil, s.wrap(err, "list dead letters")
	}
	bodies := make([]*goredis.SliceCmd, s.o.Partitions)
	_, err = s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for part, of := range names {
			if len(of.Val()) > 0 {
				bodies[part] = p.HMGet(ctx, partKey(part, kindDead), of.Val()...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.wrap(err, "read dead letters")
	}
	var out []actions.DeadLetter
	for _, of := range bodies {
		if of == nil {
			continue
		}
		for _, v := range of.Val() {
			text, ok := v.(string)
			if !ok {
				continue // dropped in between
			}
			l, err := decodeLetter(text)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b actions.DeadLetter) int { return b.At.Compare(a.At) })
	return out[:min(len(out), most)], nil
}

// Depth implements store.Store.
func (s *Store) Depth(ctx context.Context) (actions.Depth, error) {
	if err := s.ready(ctx); err != nil {
		return actions.Depth{}, err
	}
	n := s.o.Partitions
	entries, dead, first := make([]*goredis.IntCmd, n), make([]*goredis.IntCmd, n), make([]*goredis.XMessageSliceCmd, n)
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for part := range n {
			entries[part] = p.XLen(ctx, partKey(part, kindQueue))
			first[part] = p.XRangeN(ctx, partKey(part, kindQueue), "-", "+", 1)
			dead[part] = p.ZCard(ctx, partKey(part, kindDeadAge))
		}
		return nil
	})
	if err != nil {
		return actions.Depth{}, s.wrap(err, "read the depth of the queue")
	}
	var d actions.Depth
	for part := range n {
		d.Entries += int(entries[part].Val())
		d.Dead += int(dead[part].Val())
		for _, m := range first[part].Val() {
			ms, _, _ := strings.Cut(m.ID, "-")
			at, err := strconv.ParseInt(ms, 10, 64)
			if err != nil {
				return actions.Depth{}, fmt.Errorf("read entry ID %q: %w: %w", m.ID, store.ErrDamaged, err)
			}
			if put := time.UnixMilli(at).UTC(); d.Oldest.IsZero() || put.Before(d.Oldest) {
				d.Oldest = put
			}
		}
	}
	return d, nil
}
