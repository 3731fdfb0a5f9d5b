package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// scanCount is how many records one step of a search by code looks at.
const scanCount = 1000

// Record implements store.Store. A case's ID does not tell its group, so every partition is asked;
// only an operator's questions come here.
func (s *Store) Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error) {
	if err := s.ready(ctx); err != nil {
		return chat.Record{}, false, err
	}
	var keys []string
	for part := range s.o.Partitions {
		keys = append(keys, recordKey(part, id))
	}
	return s.newest(ctx, keys, "read case "+strconv.Quote(string(id)))
}

// RecordByCode implements store.Store. It searches the index of every partition, which is bounded,
// rather than make each commit write another key.
func (s *Store) RecordByCode(ctx context.Context, code string) (chat.Record, bool, error) {
	const op = "find the case of a code"
	if err := s.ready(ctx); err != nil {
		return chat.Record{}, false, err
	}
	var keys []string
	for part := range s.o.Partitions {
		for cursor := uint64(0); ; {
			found, next, err := s.client.ZScan(ctx, partKey(part, kindRecords), cursor, "* "+codeName(code), scanCount).Result()
			if err != nil {
				return chat.Record{}, false, s.wrap(err, op)
			}
			for i := 0; i < len(found); i += 2 { // members and scores take turns
				name, _, _ := strings.Cut(found[i], " ")
				keys = append(keys, recordPrefix(part)+name)
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
	}
	if len(keys) == 0 {
		return chat.Record{}, false, nil
	}
	return s.newest(ctx, keys, op)
}

// newest reads the records that are there and returns the newest.
func (s *Store) newest(ctx context.Context, keys []string, op string) (chat.Record, bool, error) {
	found := make([]*goredis.MapStringStringCmd, len(keys))
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, key := range keys {
			found[i] = p.HGetAll(ctx, key)
		}
		return nil
	})
	if err != nil {
		return chat.Record{}, false, s.wrap(err, "%s", op)
	}
	var best map[string]string
	bestAt := s.o.Now().Add(-s.o.KeepRecords).UnixMilli() // what is older is forgotten, if still there
	for _, f := range found {
		if f.Val()["case"] == "" {
			continue
		}
		at, err := strconv.ParseInt(f.Val()["at"], 10, 64)
		if err != nil {
			return chat.Record{}, false, fmt.Errorf("%s: %w: %w", op, store.ErrDamaged, err)
		}
		if at > bestAt {
			best, bestAt = f.Val(), at
		}
	}
	if best == nil {
		return chat.Record{}, false, nil
	}
	r, err := decodeRecord(best)
	if err != nil {
		return chat.Record{}, false, fmt.Errorf("%s: %w: %w", op, store.ErrDamaged, err)
	}
	return r, true, nil
}

// decodeRecord reads a record: the case, and its answers in a ring whose newest is the n-th.
func decodeRecord(fields map[string]string) (chat.Record, error) {
	var r chat.Record
	if err := json.Unmarshal([]byte(fields["case"]), &r.Case); err != nil {
		return chat.Record{}, fmt.Errorf("decode the case: %w", err)
	}
	var err error
	if r.Strikes, err = strikesIn(fields["what"]); err != nil {
		return chat.Record{}, err
	}
	n := 0
	if text, ok := fields["n"]; ok {
		if n, err = strconv.Atoi(text); err != nil {
			return chat.Record{}, fmt.Errorf("read the number of answers: %w", err)
		}
	}
	for i := max(0, n-store.MaxAnswers); i < n; i++ {
		var a chat.Answer
		if err := json.Unmarshal([]byte(fields["a"+strconv.Itoa(i%store.MaxAnswers)]), &a); err != nil {
			return chat.Record{}, fmt.Errorf("decode an answer: %w", err)
		}
		r.Answers = append(r.Answers, a)
	}
	return r, nil
}
