package redis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
	goredis "github.com/redis/go-redis/v9"
)

// wanted commits a removal that is equal to the first action of a case, by some rule.
func wanted(t *testing.T, s *Store, what string, n int, like chat.Case, rule chat.RuleID, queued int) {
	t.Helper()
	c := removalOf(like.Event.Group, n)
	c.Event.Member, c.Intents[0].Rule = like.Event.Member, rule
	if got, err := s.Commit(t.Context(), []chat.Case{c}); err != nil || got[0].Queued != queued {
		t.Errorf("%s: %+v, %v, want %d queued", what, got, err, queued)
	}
}

func release(t *testing.T, s *Store, what string, c chat.Case, want int) {
	t.Helper()
	if n, err := s.Requeue(t.Context(), actions.HeldShelf, c.Actions(), time.Now()); err != nil || n != want {
		t.Errorf("%s: %d queued, %v, want %d", what, n, err, want)
	}
	state := map[int]string{0: deduplicated, 1: released}[want]
	if got := statesOf(t, s, c); !slices.Equal(got, []string{"held", state}) {
		t.Errorf("%s: answers %q, want it %s", what, got, state)
	}
}

// TestAHeldMarkHoldsForAsLongAsALetter has other rules act on the member of a held action: that ends
// neither its mark nor the time for which the member's marks are kept.
func TestAHeldMarkHoldsForAsLongAsALetter(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	c := shelved(t, s, 1, actions.Held)
	a := c.Actions()[0]
	key := marksKey(0, a.Group, a.Member)
	dedupe, _ := a.Dedupe()
	held := heldField(a.Intent.Rule, dedupe)
	check := func(what, field string, want time.Duration) {
		t.Helper()
		mark := raw.HGet(t.Context(), key, field).Val()
		expires, err := strconv.ParseInt(mark[strings.LastIndexByte(mark, ' ')+1:], 10, 64)
		left := time.Until(time.UnixMilli(expires))
		if !strings.HasPrefix(mark, markName(a.ID)+" ") || err != nil || left <= want-time.Minute || left > want {
			t.Errorf("%s: the mark %q holds for %v, %v, want %v", what, mark, left, err, want)
		}
		if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= keepHeld-time.Minute || ttl > keepHeld {
			t.Errorf("%s: the marks are kept for %v, want %v", what, ttl, keepHeld)
		}
	}
	check("held", held, keepHeld)
	for n, state := range []actions.State{actions.Done, actions.Held, actions.Dead} {
		wanted(t, s, "another rule's", 10+n, c, chat.RuleID(fmt.Sprint("by ", n)), 1)
		check("beside a pending action", held, keepHeld)
		endFirst(t, s, state)
		check("beside one that ended as "+string(state), held, keepHeld)
		if err := raw.HDel(t.Context(), key, markField(dedupe)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	release(t, s, "after all that", c, 1)
	check("released", markField(dedupe), store.KeepPending)
	if raw.HExists(t.Context(), key, held).Val() {
		t.Error("the mark of a released action still says that it is held")
	}
}

// TestExpiredMarksGoWhenAnActionEnds is about marks whose member has others that are kept for long.
func TestExpiredMarksGoWhenAnActionEnds(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	c := removalOf(groupN(1), 1)
	key := marksKey(0, c.Event.Group, c.Event.Member)
	for field, left := range map[string]time.Duration{"old": -time.Second, "young": time.Hour} {
		if err := raw.HSet(t.Context(), key, field, fmt.Sprint("name 1 1 ", time.Now().Add(left).UnixMilli())).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Commit(t.Context(), []chat.Case{c}); err != nil {
		t.Fatal(err)
	}
	endFirst(t, s, actions.Dead)
	if got := raw.HKeys(t.Context(), key).Val(); !slices.Equal(got, []string{"young"}) {
		t.Errorf("marks %q are left, want the one that holds", got)
	}
	if ttl := raw.PTTL(t.Context(), key).Val(); ttl <= 59*time.Minute || ttl > time.Hour {
		t.Errorf("the marks are kept for %v, want an hour", ttl)
	}
}

// TestAReturnThatIsForgottenKeepsALetterIn is about a join of which only the lack of a mark tells.
func TestAReturnThatIsForgottenKeepsALetterIn(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	c := shelved(t, s, 1, actions.Held)
	join := chat.Look{Event: "j", Group: c.Event.Group, Member: c.Event.Member, Kind: chat.Join, At: c.Event.At.Add(time.Second)}
	if _, err := s.Observe(t.Context(), []chat.Look{join}); err != nil {
		t.Fatal(err)
	}
	if n := raw.HDel(t.Context(), marksKey(0, c.Event.Group, c.Event.Member), "lifted").Val(); n != 1 {
		t.Fatalf("%d joins were remembered, want one", n)
	}
	release(t, s, "long after the join", c, 0)
	wanted(t, s, "a new offence", 2, c, c.Intents[0].Rule, 1)
}

// TestALetterOfTheVersionBeforeIsReleased has the mark of a held action under its dedupe key.
func TestALetterOfTheVersionBeforeIsReleased(t *testing.T) {
	server := redistest.New(t, "--appendonly", "no")
	s, raw := openAt(t, server.URL(), 0, store.Options{Partitions: 1}), rawClient(t, server.Addr)
	var old []chat.Case
	for n := range 4 {
		c := shelved(t, s, n, actions.Held)
		a := c.Actions()[0]
		dedupe, _ := a.Dedupe()
		key, held := marksKey(0, a.Group, a.Member), heldField(a.Intent.Rule, dedupe)
		mark := raw.HGet(t.Context(), key, held).Val()
		_, err := raw.TxPipelined(t.Context(), func(p goredis.Pipeliner) error {
			p.HDel(t.Context(), key, held)
			p.HSet(t.Context(), key, markField(dedupe), mark)
			return nil
		})
		if err != nil || mark == "" {
			t.Fatalf("mark %q, %v", mark, err)
		}
		old = append(old, c)
		wanted(t, s, "another rule's", 10+n, c, "other", 0)
	}
	release(t, s, "an old letter", old[0], 1)
	wanted(t, s, "once it is released", 20, old[0], "other", 0)
	if n, err := s.Discard(t.Context(), actions.HeldShelf, old[1].Actions()); n != 1 || err != nil {
		t.Errorf("%d old letters were dropped, %v, want 1", n, err)
	}
	wanted(t, s, "once it is dropped", 21, old[1], "other", 1)
	if err := s.Forget(t.Context(), old[2].Actions()); err != nil {
		t.Fatal(err)
	}
	release(t, s, "an old letter that was forgotten", old[2], 0)
	wanted(t, s, "beside the last one", 22, old[3], old[3].Intents[0].Rule, 0)
}
