package redis

import (
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// buckets returns the keys of the texts in the only partition.
func buckets(t *testing.T, s *Store) []string {
	t.Helper()
	keys, err := s.client.Keys(t.Context(), textPrefix(0)+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestATextExpiresAndItsFingerprintStays(t *testing.T) {
	url := redistest.Start(t)
	s := openAt(t, url, 0, store.Options{Partitions: 1, KeepText: time.Hour})
	c, silent := removalOf(groupN(1), 1), removalOf(groupN(1), 2)
	silent.Event.Text = ""
	if _, err := s.Commit(t.Context(), []chat.Case{silent}); err != nil {
		t.Fatal(err)
	}
	if keys := buckets(t, s); len(keys) != 0 {
		t.Errorf("a case without a text wrote %q", keys)
	}
	if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
		t.Fatal(err)
	}
	keys := buckets(t, s)
	if len(keys) != 1 {
		t.Fatalf("buckets %q, want one", keys)
	}
	if ttl := s.client.PTTL(t.Context(), keys[0]).Val(); ttl <= time.Hour || ttl > time.Hour+bucketSpan {
		t.Errorf("the bucket lives for %v, want an hour after its last text", ttl)
	}
	late := openAt(t, url, 0, store.Options{Partitions: 1, KeepText: time.Hour, Now: func() time.Time {
		return time.Now().Add(time.Hour + time.Second)
	}})
	check := func(what string, s *Store, text string) {
		t.Helper()
		r, ok, err := s.Record(t.Context(), c.ID)
		if err != nil || !ok || r.Case.Event.Text != text || r.Fingerprint != chat.Fingerprint(c.Event.Text) {
			t.Errorf("%s: %+v, %v, %v, want text %q and the fingerprint", what, r, ok, err, text)
		}
		all, err := s.Cases(t.Context(), store.Query{Most: 1}, nil)
		if err != nil || len(all) != 1 || all[0].Case.Event.Text != text || all[0].Fingerprint != r.Fingerprint {
			t.Errorf("%s: listed as %+v, %v", what, all, err)
		}
	}
	check("in time", s, c.Event.Text)
	check("although its bucket has younger ones", late, "")
	if err := s.client.Del(t.Context(), keys[0]).Err(); err != nil {
		t.Fatal(err)
	}
	check("once it is gone", s, "")
	if r, _, err := s.Record(t.Context(), silent.ID); err != nil || r.Fingerprint != "" {
		t.Errorf("no text has the fingerprint %q, %v", r.Fingerprint, err)
	}
}

func TestTextsGoWithTheRecordsPastTheBound(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1, MaxRecords: 5})
	for n := range 20 {
		if _, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), n)}); err != nil {
			t.Fatal(err)
		}
	}
	texts := int64(0)
	for _, key := range buckets(t, s) {
		texts += s.client.HLen(t.Context(), key).Val()
	}
	if texts != 5 {
		t.Errorf("%d texts, want those of 5 records", texts)
	}
}
