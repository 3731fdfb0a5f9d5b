package tencent

import (
	"container/list"
	"sync"
	"time"
)

// lru is a bounded cache whose entries end by time. It is safe for concurrent use.
type lru[K comparable, V any] struct {
	max int
	now func() time.Time

	mu    sync.Mutex // guards the fields below
	order list.List  // of *lruEntry, most recently used first
	byKey map[K]*list.Element
}

type lruEntry[K comparable, V any] struct {
	key K
	val V
	end time.Time
}

func newLRU[K comparable, V any](limit int, now func() time.Time) *lru[K, V] {
	return &lru[K, V]{max: limit, now: now, byKey: map[K]*list.Element{}}
}

// get returns what put stored under the key, and whether its time has not ended. An entry past its
// time is still returned, for values that hold although they are no longer fresh.
func (l *lru[K, V]) get(key K) (val V, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	el, ok := l.byKey[key]
	if !ok {
		return val, false
	}
	l.order.MoveToFront(el)
	e := el.Value.(*lruEntry[K, V])
	return e.val, l.now().Before(e.end)
}

func (l *lru[K, V]) put(key K, val V, keep time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &lruEntry[K, V]{key: key, val: val, end: l.now().Add(keep)}
	if el, ok := l.byKey[key]; ok {
		el.Value = e
		l.order.MoveToFront(el)
		return
	}
	l.byKey[key] = l.order.PushFront(e)
	if l.order.Len() > l.max {
		last := l.order.Back()
		l.order.Remove(last)
		delete(l.byKey, last.Value.(*lruEntry[K, V]).key)
	}
}

func (l *lru[K, V]) drop(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el, ok := l.byKey[key]; ok {
		l.order.Remove(el)
		delete(l.byKey, key)
	}
}
