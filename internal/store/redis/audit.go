package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	goredis "github.com/redis/go-redis/v9"
)

// scanCount is how many records one step of a search by code looks at.
const scanCount = 1000

// found is a record as it is stored.
type found struct {
	ref
	fields map[string]string
	kept   keptCase
	at     time.Time // when the case was stored
	text   string    // empty when there is none (any more)
}

// Record implements store.Store. A case's ID does not tell its group, so every partition is asked;
// only an operator's questions come here.
func (s *Store) Record(ctx context.Context, id chat.CaseID) (chat.Record, bool, error) {
	if err := s.ready(ctx); err != nil {
		return chat.Record{}, false, err
	}
	var refs []ref
	for part := range s.o.Partitions {
		refs = append(refs, ref{part: part, name: recordName(id)})
	}
	return s.newest(ctx, refs, "read case "+strconv.Quote(string(id)))
}

// RecordByCode implements store.Store. It searches the index of every partition, which is bounded,
// rather than make each commit write another key.
func (s *Store) RecordByCode(ctx context.Context, code string) (chat.Record, bool, error) {
	const op = "find the case of a code"
	if err := s.ready(ctx); err != nil {
		return chat.Record{}, false, err
	}
	var refs []ref
	for part := range s.o.Partitions {
		for cursor := uint64(0); ; {
			names, next, err := s.client.ZScan(ctx, partKey(part, kindRecords), cursor, "* "+codeName(code), scanCount).Result()
			if err != nil {
				return chat.Record{}, false, s.wrap(err, op)
			}
			for i := 0; i < len(names); i += 2 { // members and scores take turns
				name, _, _ := strings.Cut(names[i], " ")
				refs = append(refs, ref{part: part, name: name})
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
	}
	if len(refs) == 0 {
		return chat.Record{}, false, nil
	}
	return s.newest(ctx, refs, op)
}

// newest reads the records that are there and returns the newest.
func (s *Store) newest(ctx context.Context, refs []ref, op string) (chat.Record, bool, error) {
	all, err := s.records(ctx, refs)
	if err != nil {
		return chat.Record{}, false, s.wrap(err, "%s", op)
	}
	var best *found
	bestAt := s.o.Now().Add(-s.o.KeepRecords) // what is older is forgotten, if still there
	for i := range all {
		if all[i].at.After(bestAt) {
			best, bestAt = &all[i], all[i].at
		}
	}
	if best == nil {
		return chat.Record{}, false, nil
	}
	r, err := s.decodeRecord(*best)
	if err != nil {
		return chat.Record{}, false, fmt.Errorf("%s: %w: %w", op, store.ErrDamaged, err)
	}
	return r, true, nil
}

// records reads records with their texts and passes over those that are gone. They come in the order
// of refs.
func (s *Store) records(ctx context.Context, refs []ref) ([]found, error) {
	fields := make([]*goredis.MapStringStringCmd, len(refs))
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, r := range refs {
			fields[i] = p.HGetAll(ctx, recordPrefix(r.part)+r.name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []found
	for i, r := range refs {
		f := found{ref: r, fields: fields[i].Val()}
		if f.fields["case"] == "" {
			continue
		}
		at, err := strconv.ParseInt(f.fields["at"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read when a case was stored: %w: %w", store.ErrDamaged, err)
		}
		f.at = time.UnixMilli(at)
		if err := json.Unmarshal([]byte(f.fields["case"]), &f.kept); err != nil {
			return nil, fmt.Errorf("decode a case: %w: %w", store.ErrDamaged, err)
		}
		out = append(out, f)
	}
	return out, s.addTexts(ctx, out)
}

// addTexts reads the texts that are still there.
func (s *Store) addTexts(ctx context.Context, of []found) error {
	texts := map[int]*goredis.StringCmd{}
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i := range of {
			if _, bucket, ok := strings.Cut(of[i].kept.Print, " "); ok {
				texts[i] = p.HGet(ctx, textKey(of[i].part, bucket), of[i].name)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, goredis.Nil) {
		return err
	}
	for i, text := range texts {
		if err := text.Err(); err != nil && !errors.Is(err, goredis.Nil) {
			return err
		}
		of[i].text = text.Val()
	}
	return nil
}

// decodeRecord reads a record: the case, and its answers in a ring whose newest is the n-th.
func (s *Store) decodeRecord(f found) (chat.Record, error) {
	r := chat.Record{Case: f.kept.Case}
	text := &r.Case.Event.Text
	if print, _, ok := strings.Cut(f.kept.Print, " "); ok {
		r.Fingerprint, *text = print, f.text
	} else {
		r.Fingerprint = chat.Fingerprint(*text)
	}
	if f.at.Add(s.o.KeepText).Before(s.o.Now()) {
		*text = ""
	}
	var err error
	if r.Strikes, err = strikesIn(f.fields["what"]); err != nil {
		return chat.Record{}, err
	}
	n := 0
	if text, ok := f.fields["n"]; ok {
		if n, err = strconv.Atoi(text); err != nil {
			return chat.Record{}, fmt.Errorf("read the number of answers: %w", err)
		}
	}
	for i := max(0, n-store.MaxAnswers); i < n; i++ {
		var a chat.Answer
		if err := json.Unmarshal([]byte(f.fields["a"+strconv.Itoa(i%store.MaxAnswers)]), &a); err != nil {
			return chat.Record{}, fmt.Errorf("decode an answer: %w", err)
		}
		r.Answers = append(r.Answers, a)
	}
	return r, nil
}
