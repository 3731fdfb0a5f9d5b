package redis

import (
	"errors"
	"net"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

func TestACommitWaitsForItsReplicas(t *testing.T) {
	primary := redistest.New(t, "--appendonly", "no", "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(primary.Addr)
	if err != nil {
		t.Fatal(err)
	}
	replica := redistest.New(t, "--appendonly", "no", "--replicaof", host+" "+port)
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
	_, err = s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 2)})
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

func TestACommitOnAClusterWaitsOnTheNodeOfItsKeys(t *testing.T) {
	url, _ := startCluster(t)
	s := openAt(t, url, 1, store.Options{Partitions: 3})
	_, err := s.Commit(t.Context(), []chat.Case{removalOf(groupN(1), 1)})
	var own *Error
	if !errors.As(err, &own) || own.Code != codeReplicas {
		t.Errorf("a cluster without replicas: %v, want that too few hold it", err)
	}
}
