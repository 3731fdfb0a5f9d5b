package redis

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// fillMemos puts memos into Redis as memo.lua does.
func fillMemos(t *testing.T, s *Store, kind string, n int, expires time.Time) {
	t.Helper()
	const fill = `for i = 1, tonumber(ARGV[1]) do
		redis.call('HSET', KEYS[1], 'f' .. i, '1 ' .. ARGV[2] .. ' NONCE body ' .. i)
		redis.call('ZADD', KEYS[2], ARGV[2], 'f' .. i)
	end
	return 1`
	if err := s.client.Eval(t.Context(), fill, memoKeys(kind), n, expires.UnixMicro()).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestMemosAreBounded(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	ctx, hour := t.Context(), time.Now().Add(time.Hour)
	fillMemos(t, s, "rule", store.MaxMemos-1, hour)
	memo := func(key string, version int64) chat.Memo {
		return chat.Memo{Kind: "rule", Key: key, Version: version, Expires: hour}
	}
	for _, step := range []struct {
		what string
		m    chat.Memo
		want error
	}{
		{"the last one that fits", memo("a", 1), nil},
		{"one more", memo("b", 1), store.ErrFull},
		{"the next version of one", memo("a", 2), nil},
		{"another kind", chat.Memo{Kind: "lock", Key: "b", Version: 1, Expires: hour}, nil},
	} {
		if err := s.SaveMemo(ctx, step.m); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
	}
	all, err := s.Memos(ctx, "rule")
	if err != nil || len(all) != store.MaxMemos {
		t.Errorf("%d memos, %v, want %d", len(all), err, store.MaxMemos)
	}
	if err := s.DropMemo(ctx, "rule", "f7", 1); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveMemo(ctx, memo("b", 1)); err != nil {
		t.Errorf("one more, once one was dropped: %v", err)
	}
}

func TestExpiredMemosAreSweptAndMakeRoom(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	ctx := t.Context()
	fillMemos(t, s, "pause", store.MaxMemos, time.Now().Add(-time.Second))
	if all, err := s.Memos(ctx, "pause"); err != nil || len(all) != 0 {
		t.Errorf("%d memos, %v, want none that has expired", len(all), err)
	}
	for i := range 3 {
		m := chat.Memo{Kind: "pause", Key: fmt.Sprint("new", i), Version: 1, Expires: time.Now().Add(time.Hour)}
		if err := s.SaveMemo(ctx, m); err != nil {
			t.Fatal(err)
		}
		want := int64(store.MaxMemos - (i+1)*maxSwept + i + 1)
		for _, n := range []int64{s.client.HLen(ctx, memoKeys("pause")[0]).Val(), s.client.ZCard(ctx, memoKeys("pause")[1]).Val()} {
			if n != want {
				t.Errorf("%d are left after %d were saved, want %d", n, i+1, want)
			}
		}
	}
}

func TestAMemoHasItsSize(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1})
	m := chat.Memo{Kind: "lock", Key: "a", Version: 1, Body: bytes.Repeat([]byte{' '}, chat.MaxMemo+1), Expires: time.Now().Add(time.Hour)}
	if err := s.SaveMemo(t.Context(), m); err == nil {
		t.Error("a memo that is too large was stored")
	}
	m.Body = m.Body[1:]
	if err := s.SaveMemo(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Memos(t.Context(), "lock"); err != nil || len(all) != 1 || !bytes.Equal(all[0].Body, m.Body) {
		t.Errorf("memos %+v, %v, want the one of %d spaces", all, err, chat.MaxMemo)
	}
	for _, text := range []string{"", "1 2 3", "x 2 3 4", "1 x 3 4"} {
		if err := s.client.HSet(t.Context(), memoKeys("lock")[0], "a", text).Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Memos(t.Context(), "lock"); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("memo %q: %v, want ErrDamaged", text, err)
		}
	}
}
