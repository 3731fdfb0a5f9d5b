package redis

import (
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// replicated starts a server and a replica of it.
func replicated(t *testing.T) (primary, replica *redistest.Server) {
	t.Helper()
	primary = redistest.New(t, "--appendonly", "no", "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(primary.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return primary, redistest.New(t, "--appendonly", "no", "--replicaof", host+" "+port)
}

func TestACommitWaitsForItsReplicas(t *testing.T) {
	primary, replica := replicated(t)
	s := openAt(t, primary.URL(), 1, store.Options{Partitions: 1})
	c := removalOf(groupN(1), 1)
	eventually(t, "a commit that the replica holds", func() bool {
		_, err := s.Commit(t.Context(), []chat.Case{c})
		return err == nil
	})
	if n := rawClient(t, replica.Addr).XLen(t.Context(), partKey(0, kindQueue)).Val(); n != 1 {
		t.Errorf("the replica holds %d entries, want 1", n)
	}
	replica.Kill()
	_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 2)})
	var own *Error
	if !errors.Is(err, ErrUnavailable) || !errors.As(err, &own) || own.Code != codeReplicas {
		t.Errorf("a commit that no replica holds: %v, want ErrUnavailable", err)
	}
	// A repeated case that the primary knows is vouched for by the replicas, too.
	if got, err := s.Commit(t.Context(), []chat.Case{c}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a known case without a replica: %+v, %v, want ErrUnavailable", got, err)
	}
	replica.Restart(t)
	eventually(t, "the repeated commit", func() bool {
		got, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 2)})
		return err == nil && got[0].Known
	})
}

// TestWhatAnOperatorDecidesWaitsForItsReplicas repeats what no replica holds, when there is nothing left
// to do: it is not vouched for until a replica has it.
func TestWhatAnOperatorDecidesWaitsForItsReplicas(t *testing.T) {
	primary, replica := replicated(t)
	s := openAt(t, primary.URL(), 1, store.Options{Partitions: 1})
	memo := func(key string) chat.Memo {
		return chat.Memo{Kind: "pause", Key: key, Version: 1, Body: []byte("x"), Expires: time.Now().Add(time.Hour)}
	}
	eventually(t, "a replica", func() bool {
		_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 9)})
		return err == nil
	})
	endFirst(t, s, actions.Done)
	if err := s.SaveMemo(t.Context(), memo("first")); err != nil {
		t.Errorf("saving a memo with a replica: %v", err)
	}
	if n := rawClient(t, replica.Addr).HLen(t.Context(), memoKeys("pause")[0]).Val(); n != 1 {
		t.Errorf("the replica holds %d memos, want 1", n)
	}
	var cases []chat.Case
	for n := range 4 {
		cases = append(cases, shelved(t, s, n, actions.Held))
	}
	if n, err := s.Requeue(t.Context(), actions.HeldShelf, cases[0].Actions(), time.Now()); n != 1 || err != nil {
		t.Errorf("%d were queued, %v, want 1", n, err)
	}
	if n, err := s.Discard(t.Context(), actions.HeldShelf, cases[1].Actions()); n != 1 || err != nil {
		t.Errorf("%d were dropped, %v, want 1", n, err)
	}
	calls := map[string]func() error{
		"save": func() error { return s.SaveMemo(t.Context(), memo("second")) },
		"drop": func() error { return s.DropMemo(t.Context(), "pause", "first", 1) },
		"requeue": func() error {
			_, err := s.Requeue(t.Context(), actions.HeldShelf, cases[2].Actions(), time.Now())
			return err
		},
		"discard": func() error {
			_, err := s.Discard(t.Context(), actions.HeldShelf, cases[3].Actions())
			return err
		},
	}
	replica.Kill()
	for _, nth := range []string{"first", "second"} {
		var all sync.WaitGroup
		for name, call := range calls {
			all.Go(func() {
				var own *Error
				if err := call(); !errors.Is(err, ErrUnavailable) || !errors.As(err, &own) || own.Code != codeReplicas {
					t.Errorf("%s without a replica, the %s time: %v, want ErrUnavailable", name, nth, err)
				}
			})
		}
		all.Wait()
	}
	replica.Restart(t)
	for name, call := range calls {
		eventually(t, name, func() bool {
			err := call()
			return err == nil || name == "save" && errors.Is(err, store.ErrStale) // it was saved the first time
		})
	}
	if n := rawClient(t, replica.Addr).XLen(t.Context(), partKey(0, kindQueue)).Val(); n != 2 {
		t.Errorf("the replica holds %d entries, want 2", n)
	}
}

// TestAnotherConnectionVouchesToo has a replica that is there but lags: what a first call stored, a
// second one finds in place, on a connection that has written nothing since.
func TestAnotherConnectionVouchesToo(t *testing.T) {
	primary, replica := replicated(t)
	first := openAt(t, primary.URL(), 1, store.Options{Partitions: 1})
	other := openAt(t, primary.URL(), 1, store.Options{Partitions: 1})
	eventually(t, "a replica", func() bool {
		_, err := first.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
		return err == nil
	})
	memo := chat.Memo{Kind: "lock", Key: "a", Version: 1, Body: []byte("x"), Expires: time.Now().Add(time.Hour)}
	if err := other.DropMemo(t.Context(), memo.Kind, memo.Key, 1); err != nil {
		t.Fatalf("with a replica: %v", err)
	}
	info := rawClient(t, replica.Addr).InfoMap(t.Context(), "server").Val()
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for who, s := range map[string]*Store{"the first": first, "another": other} {
		if err := s.SaveMemo(t.Context(), memo); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s saves what no replica holds: %v, want ErrUnavailable", who, err)
		}
		if err := s.DropMemo(t.Context(), memo.Kind, memo.Key, 7); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s drops another version: %v, want ErrUnavailable", who, err)
		}
	}
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the replica", func() bool { return errors.Is(other.SaveMemo(t.Context(), memo), store.ErrStale) })
}

func TestACommitOnAClusterWaitsOnTheNodeOfItsKeys(t *testing.T) {
	url, _ := startCluster(t)
	s := openAt(t, url, 1, store.Options{Partitions: 3})
	_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
	var own *Error
	if !errors.As(err, &own) || own.Code != codeReplicas {
		t.Errorf("a cluster without replicas: %v, want that too few hold it", err)
	}
}
