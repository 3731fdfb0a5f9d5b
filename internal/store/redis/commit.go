package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// maxCases is how many cases one script call stores: more gain little and block Redis longer
// (64 measured best against one by one).
const maxCases = 64

// keepHeld is how long the mark of a held action stands: longer than anybody leaves a letter lying. A
// letter without a mark is not released. It is the longest time that a mark holds, so that the marks of
// a member are kept for as long.
const keepHeld = 90 * 24 * time.Hour

// deduplicated is the state that the audit gives to an action that was never queued.
const deduplicated = "deduplicated"

// entry is one case as commit.lua takes it.
type entry struct {
	keys    []string
	args    []any // without the nonce, which belongs to the call
	at      int   // position in Commit's list
	actions []chat.Action
}

// keptCase is a case as its record keeps it: without the text, which is kept beside it and not as
// long. Versions before left the text where it was.
type keptCase struct {
	chat.Case
	Print string `json:"print,omitempty"` // fingerprint and bucket of the text
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	parts, now := map[int][]entry{}, s.o.Now()
	for i := range cases {
		part := store.PartitionOf(cases[i].Event.Group, s.o.Partitions)
		e, err := encode(part, &cases[i], now)
		if err != nil {
			return nil, err
		}
		e.at = i
		parts[part] = append(parts[part], e)
	}
	out := make([]chat.Committed, len(cases))
	err := eachPart(parts, func(part int, entries []entry) error {
		for len(entries) > 0 {
			n := min(len(entries), maxCases)
			answers, err := s.commits[part].Do(ctx, entries[:n])
			if err != nil {
				return s.wrap(err, "commit %d cases in partition %d", n, part)
			}
			for i, e := range entries[:n] {
				if out[e.at], err = outcome(e, answers[i]); err != nil {
					return err
				}
			}
			entries = entries[n:]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func encode(part int, c *chat.Case, now time.Time) (entry, error) {
	kept, bucket, text := keptCase{Case: store.Audited(c)}, noName, c.Event.Text
	if c.Unlisted {
		text = ""
	}
	if text != "" {
		bucket = textBucket(now)
		kept.Print = chat.Fingerprint(text) + " " + bucket
	}
	body, err := json.Marshal(&kept)
	if err != nil {
		return entry{}, fmt.Errorf("encode case %s: %w", c.ID, err)
	}
	e := entry{actions: c.Actions()}
	e.keys = append(e.keys, recordKey(part, c.ID))
	if text != "" {
		e.keys = append(e.keys, textKey(part, bucket))
	}
	strike := strikeOf(c)
	if strike != "" {
		e.keys = append(e.keys, ladderKey(part, c.Event.Group, c.Event.Member))
	}
	name := indexName(c, bucket)
	if c.Unlisted {
		name, body = "", nil
	}
	e.args = append(e.args, name, body, text, strike, len(e.actions))
	for _, a := range e.actions {
		payload, err := store.MarshalAction(a)
		if err != nil {
			return entry{}, err
		}
		dedupe, _ := a.Dedupe()
		e.keys = append(e.keys, marksKey(part, a.Group, a.Member))
		dropped, err := json.Marshal(chat.Answer{
			Action: a.ID, Kind: a.Intent.Kind, Member: a.Member, State: deduplicated, At: now.UTC(),
		})
		if err != nil {
			return entry{}, fmt.Errorf("encode an answer of case %s: %w", c.ID, err)
		}
		e.args = append(e.args, markName(a.ID), markField(dedupe), heldField(a.Intent.Rule, dedupe),
			a.EventAt.UnixMicro(), store.DoneBefore(a), payload, dropped, rungOf(a.Intent))
	}
	return e, nil
}

// outcome reads commit.lua's answer for one case.
func outcome(e entry, answer string) (chat.Committed, error) {
	var out chat.Committed
	answer, out.Known = strings.CutPrefix(answer, "-")
	answer, strikes, _ := strings.Cut(answer, " ")
	if len(answer) != len(e.actions) {
		return chat.Committed{}, fmt.Errorf("read the outcome of a commit: %w: %q for %d actions",
			store.ErrDamaged, answer, len(e.actions))
	}
	for i, a := range e.actions {
		switch {
		case answer[i] == '1':
			out.Queued++
		case answer[i] == '0' && !out.Known:
			out.Deduplicated = append(out.Deduplicated, a)
		}
	}
	var err error
	out.Strikes, err = readStrikes(strikes)
	return out, err
}

// flushCommit stores a group of cases in one script call.
func (s *Store) flushCommit(part int) store.Flush[[]entry, []string] {
	return func(ctx context.Context, reqs [][]entry) ([][]string, error) {
		ctx, cancel := context.WithTimeout(ctx, flushTimeout)
		defer cancel()
		keys := []string{partKey(part, kindQueue), partKey(part, kindRecords)}
		args := []any{
			recordPrefix(part), millis(s.o.KeepRecords),
			max(s.o.MaxRecords/s.o.Partitions, 1), millis(s.o.KeepRecords + s.o.KeepSeen), millis(store.KeepPending),
			store.MaxAnswers, store.MaxStrikes, s.replicas, textPrefix(part), millis(s.o.KeepText + bucketSpan), millis(keepHeld),
			millis(s.o.KeepUnlisted()),
		}
		nonce, n := rand.Text(), 0
		for _, r := range reqs {
			for _, e := range r {
				keys = append(keys, e.keys...)
				args = append(append(args, nonce+strconv.Itoa(n)), e.args...)
				n++
			}
		}
		answers, err := s.runDurably(ctx, s.scripts.commit, "", keys, args).StringSlice()
		if err != nil {
			return nil, s.wrap(err, "commit %d cases in partition %d", n, part)
		}
		if len(answers) != n {
			return nil, fmt.Errorf("commit in partition %d: %w: %d answers for %d cases", part, store.ErrDamaged, len(answers), n)
		}
		out := make([][]string, len(reqs))
		for i, r := range reqs {
			out[i], answers = answers[:len(r)], answers[len(r):]
		}
		return out, nil
	}
}
