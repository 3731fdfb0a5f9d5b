package guard

import (
	"context"
	"encoding/json"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// pause stores a pause as an operator would, and has it read.
func (b *bench) pause(rule chat.RuleID, g *chat.Group) {
	b.t.Helper()
	p := chat.Pause{Rule: rule, Group: g, By: chat.PausedByOperator, At: b.clock.now()}
	b.put(chat.MemoPause, p.Key(), p, keepPause)
	b.read()
}

// resume lifts a pause as an operator would. It is not read yet.
func (b *bench) resume(rule chat.RuleID, g *chat.Group) {
	b.t.Helper()
	p := chat.Pause{Rule: rule, Group: g}
	if err := json.Unmarshal(b.store.memo(chat.MemoPause, p.Key()).Body, &p); err != nil {
		b.t.Fatal(err)
	}
	p.Ended = b.clock.now()
	b.put(chat.MemoPause, p.Key(), p, 24*time.Hour)
}

func (b *bench) undo(u chat.Undoing) {
	b.t.Helper()
	b.put(chat.MemoUndoing, u.Key(), u, 7*24*time.Hour)
	b.read()
}

func (b *bench) put(kind, key string, what any, keep time.Duration) {
	b.t.Helper()
	body, err := json.Marshal(what)
	if err != nil {
		b.t.Fatal(err)
	}
	old := b.store.memo(kind, key)
	if !old.Expires.After(b.clock.now()) {
		old.Version = 0
	}
	err = b.store.SaveMemo(context.Background(), chat.Memo{Kind: kind, Key: key, Version: old.Version + 1, Body: body, Expires: b.clock.now().Add(keep)})
	if err != nil {
		b.t.Fatal(err)
	}
}

// read has the guard read the store.
func (b *bench) read() {
	b.t.Helper()
	if err := b.refresh(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}
