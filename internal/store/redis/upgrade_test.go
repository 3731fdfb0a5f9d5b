package redis

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// storeAsBefore writes a case and the dead letter of its action as the version before did: the text in
// the case, no fingerprint, a name of two parts in the index, whole milliseconds for scores.
func storeAsBefore(t *testing.T, s *Store, c chat.Case, stored time.Time) {
	t.Helper()
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	a := c.Actions()[0]
	action, err := store.MarshalAction(a)
	if err != nil {
		t.Fatal(err)
	}
	ms, name := stored.UnixMilli(), letterName(a.ID)
	letter := fmt.Sprintf(`2 {"action":%s,"code":"10007","text":"no right","at":%q}`, action, stored.UTC().Format(time.RFC3339Nano))
	for _, command := range [][]any{
		{"hset", recordKey(0, c.ID), "what", "NONCE0 1 3", "at", ms, "case", body, "n", 1, "a0", `{"action":"x","kind":"remove","state":"dead"}`},
		{"zadd", partKey(0, kindRecords), ms, recordName(c.ID) + " " + codeName(c.Code)},
		{"hset", partKey(0, kindDead), name, letter},
		{"zadd", partKey(0, kindDeadAge), ms, name},
	} {
		if err := s.client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatTheVersionBeforeStoredIsRead(t *testing.T) {
	s := openAt(t, redistest.Start(t), 0, store.Options{Partitions: 1, KeepText: time.Hour})
	parent, part, old := removalOf(groupN(1), 1), removalOf(groupN(1), 2), removalOf(groupN(1), 3)
	part.Of = parent.ID
	now := time.Now()
	storeAsBefore(t, s, old, now.Add(-2*time.Hour))
	storeAsBefore(t, s, parent, now.Add(-2*time.Second))
	storeAsBefore(t, s, part, now.Add(-time.Second))
	newer := removalOf(groupN(1), 4)
	newer.Of = parent.ID
	if got, err := s.Commit(t.Context(), []chat.Case{newer, old}); err != nil || got[0].Known || !got[1].Known {
		t.Fatalf("committed: %+v, %v, want the second one known", got, err)
	}
	for _, test := range []struct {
		q    store.Query
		want []chat.Case
	}{
		{store.Query{Most: 10}, []chat.Case{newer, part, parent, old}},
		{store.Query{Most: 10, Of: parent.ID}, []chat.Case{newer, part}},
		{store.Query{Most: 10, Since: now.Add(-time.Hour), Until: now.Add(-time.Second - time.Millisecond)}, []chat.Case{parent}},
	} {
		got, err := s.Cases(t.Context(), test.q, nil)
		if err != nil || len(got) != len(test.want) {
			t.Fatalf("%+v: %d cases, %v, want %d", test.q, len(got), err, len(test.want))
		}
		for i, r := range got {
			if r.Case.ID != test.want[i].ID || r.Fingerprint != chat.Fingerprint(test.want[i].Event.Text) {
				t.Errorf("%+v: place %d has %+v, want case %s with its fingerprint", test.q, i, r, test.want[i].ID)
			}
			if (r.Case.Event.Text == "") != (r.Case.ID == old.ID) {
				t.Errorf("case %s has the text %q: only that of two hours ago is to be gone", r.Case.ID, r.Case.Event.Text)
			}
		}
	}
	for _, c := range []chat.Case{parent, newer} {
		if r, ok, err := s.RecordByCode(t.Context(), c.Code); err != nil || !ok || r.Case.ID != c.ID {
			t.Errorf("by code: %+v, %v, %v, want case %s", r, ok, err, c.ID)
		}
	}
	if r, _, err := s.Record(t.Context(), part.ID); err != nil || r.Strikes != 3 || len(r.Answers) != 1 {
		t.Errorf("record %+v, %v, want 3 strikes and an answer", r, err)
	}

	letters, err := s.Letters(t.Context(), actions.DeadShelf, nil, 10)
	if err != nil || len(letters) != 3 || letters[0].Action.Case != part.ID || letters[0].Attempts != 2 || letters[0].Code != "10007" {
		t.Fatalf("letters %+v, %v, want three, the newest first", letters, err)
	}
	if n, err := s.Requeue(t.Context(), actions.DeadShelf, part.Actions(), time.Time{}); n != 1 || err != nil {
		t.Errorf("requeued %d, %v", n, err)
	}
	if n, err := s.Discard(t.Context(), actions.DeadShelf, append(parent.Actions(), old.Actions()...)); n != 2 || err != nil {
		t.Errorf("discarded %d, %v", n, err)
	}
	if d, err := s.Depth(t.Context()); err != nil || d.Dead != 0 || d.Entries != 2 {
		t.Errorf("depth %+v, %v, want two entries", d, err)
	}
}
