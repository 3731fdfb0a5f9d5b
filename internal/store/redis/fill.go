package redis

import (
	"fmt"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// fill puts answers where they belong. Two partitions never fill the same field.
func fill(facts []chat.Facts, to []place, answers []any) error {
	for i, p := range to {
		f := &facts[p.fact]
		var err error
		switch p.window {
		case nowhere:
		case joinedAt:
			f.JoinedAt, err = joinTime(answers[i])
		default:
			err = fillWindow(f, p.window, answers[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func joinTime(answer any) (time.Time, error) {
	text, _ := answer.(string)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a join time: %w: %w", store.ErrDamaged, err)
	}
	return time.UnixMicro(at).UTC(), nil
}

// fillWindow takes a count, or the entries of a trail: only a trail has room for them.
func fillWindow(f *chat.Facts, n int, answer any) error {
	switch got := answer.(type) {
	case int64:
		f.Counts[n] = int(got)
		return nil
	case []any:
		if f.Trails != nil {
			var err error
			f.Trails[n], err = entries(got)
			return err
		}
	}
	return fmt.Errorf("read a window: %w: %T", store.ErrDamaged, answer)
}

// entries decodes a trail: members, each an event with its note behind, and times take turns.
func entries(flat []any) ([]chat.Entry, error) {
	out := make([]chat.Entry, 0, len(flat)/2)
	for ; len(flat) >= 2; flat = flat[2:] {
		member, _ := flat[0].(string)
		score, _ := flat[1].(string)
		at, err := strconv.ParseInt(score, 10, 64)
		if err != nil || len(member) < eventSize {
			return nil, fmt.Errorf("read an entry of a trail: %w: %d bytes at %q", store.ErrDamaged, len(member), score)
		}
		out = append(out, chat.Entry{At: time.UnixMicro(at).UTC(), Event: member[:eventSize], Note: member[eventSize:]})
	}
	return out, nil
}
