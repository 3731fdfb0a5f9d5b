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

// letterPage is how many letters, and how many records, are read and decoded at a time.
const letterPage = 200

// letter is a letter as it is stored, behind the number of its attempts. The action keeps the form
// that it had in the queue, in which any bytes of an ID survive. Mark stands first: settle.lua looks
// for it there.
type letter struct {
	// Mark is where the mark of a held action is: the member's hash, the key of the mark and the
	// name in it. It ends with the letter.
	Mark   string          `json:"mark,omitempty"`
	Action json.RawMessage `json:"action"`
	Code   string          `json:"code,omitempty"`
	Text   string          `json:"text,omitempty"`
	At     time.Time       `json:"at"`
}

func encodeLetter(one *actions.Settlement) ([]byte, error) {
	a := &one.Item.Action
	action, err := store.MarshalAction(*a)
	if err != nil {
		return nil, err
	}
	l := letter{Action: action, Code: one.Code, Text: one.Text, At: one.At.UTC()}
	if one.State == actions.Held {
		dedupe, _ := a.Dedupe()
		l.Mark = groupHash(a.Group, string(a.Member)) + " " + heldField(a.Intent.Rule, dedupe) + " " + markName(a.ID)
	}
	body, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode its letter: %w", err)
	}
	return body, nil
}

func decodeLetter(text string) (actions.Letter, error) {
	count, body, _ := strings.Cut(text, " ")
	attempts, err := strconv.Atoi(count)
	if err != nil {
		return actions.Letter{}, fmt.Errorf("read a letter: %w: %w", store.ErrDamaged, err)
	}
	var l letter
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return actions.Letter{}, fmt.Errorf("read a letter: %w: %w", store.ErrDamaged, err)
	}
	action, err := store.UnmarshalAction(l.Action)
	if err != nil {
		return actions.Letter{}, fmt.Errorf("read a letter: %w", err)
	}
	return actions.Letter{Action: action, Code: l.Code, Text: l.Text, Attempts: attempts, At: l.At}, nil
}

// shelfKinds are the kinds of keys of a shelf.
type shelfKinds struct{ letters, age string }

func kindsOf(shelf actions.Shelf) (shelfKinds, error) {
	switch shelf {
	case actions.DeadShelf:
		return shelfKinds{kindDead, kindDeadAge}, nil
	case actions.HeldShelf:
		return shelfKinds{kindHeld, kindHeldAge}, nil
	}
	return shelfKinds{}, fmt.Errorf("unknown shelf %q", shelf)
}

// Letters implements store.Store.
func (s *Store) Letters(
	ctx context.Context, shelf actions.Shelf, keep func(*actions.Letter) bool, most int,
) ([]actions.Letter, error) {
	kinds, err := kindsOf(shelf)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var out []actions.Letter
	w := s.walk(kinds.age, "-inf", "+inf", "list "+string(shelf)+" letters")
	for len(out) < most {
		n := letterPage
		if keep == nil {
			n = min(n, most-len(out))
		}
		refs, err := w.next(ctx, n)
		if err != nil {
			return nil, err
		}
		if len(refs) == 0 {
			break
		}
		page, err := s.readLetters(ctx, kinds.letters, refs)
		if err != nil {
			return nil, s.wrap(err, "read %s letters", shelf)
		}
		for _, l := range page {
			if len(out) < most && (keep == nil || keep(&l)) {
				out = append(out, l)
			}
		}
	}
	// Those of one script call differ by their own times only.
	slices.SortStableFunc(out, func(a, b actions.Letter) int { return b.At.Compare(a.At) })
	return out, nil
}

// readLetters reads letters and passes over those that are gone. They come in the order of refs.
func (s *Store) readLetters(ctx context.Context, kind string, refs []ref) ([]actions.Letter, error) {
	names, of := map[int][]string{}, map[int]*goredis.SliceCmd{}
	for _, r := range refs {
		names[r.part] = append(names[r.part], r.name)
	}
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for part := range names {
			of[part] = p.HMGet(ctx, partKey(part, kind), names[part]...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	next := map[int]int{}
	var out []actions.Letter
	for _, r := range refs {
		text, ok := of[r.part].Val()[next[r.part]].(string)
		next[r.part]++
		if !ok {
			continue
		}
		l, err := decodeLetter(text)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}
