package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// Damage is a stored pause or undoing that cannot be read. As long as it is there, the service does
// not know what it must not do.
type Damage struct {
	Kind    string `json:"kind"` // "pause" or "undoing"
	Key     string `json:"key"`
	Why     string `json:"why"`
	version int64
}

// read decodes memos of one kind, and tells those apart that cannot be decoded.
func read[T any](memos []chat.Memo, good func(chat.Memo, T)) (bad []Damage) {
	for _, m := range memos {
		var value T
		if err := json.Unmarshal(m.Body, &value); err != nil {
			bad = append(bad, Damage{Kind: m.Kind, Key: m.Key, Why: clip(err.Error()), version: m.Version})
			continue
		}
		good(m, value)
	}
	return bad
}

// damage returns every memo of the desk that cannot be read.
func (d *Desk) damage(ctx context.Context) ([]Damage, error) {
	_, bad, err := d.pauses(ctx)
	if err != nil {
		return nil, err
	}
	memos, err := d.c.Store.Memos(ctx, chat.MemoUndoing)
	if err != nil {
		return nil, fmt.Errorf("reading the undoings: %w", err)
	}
	bad = append(bad, read(memos, func(chat.Memo, chat.Undoing) {})...)
	slices.SortFunc(bad, func(a, b Damage) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return bad, nil
}

// mend drops what cannot be read, when all pauses are to end; else it tells of it.
func (d *Desk) mend(ctx context.Context, q ResumeRequest, out *Resumed) error {
	bad, err := d.damage(ctx)
	if err != nil {
		return err
	}
	if !q.All || q.Group != "" {
		out.Damaged = bad
		return nil
	}
	for _, m := range bad {
		if err := d.c.Store.DropMemo(ctx, m.Kind, m.Key, m.version); err != nil {
			return fmt.Errorf("dropping the damaged %s %s: %w", m.Kind, m.Key, err)
		}
		out.Dropped = append(out.Dropped, m)
	}
	return nil
}
