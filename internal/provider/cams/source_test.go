package cams

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// source is a Source whose answers a test sets.
type source struct {
	mu      sync.Mutex
	objects int
	fetches int
	running int
	most    int           // fetches at once
	takes   time.Duration // how long a fetch takes
	give    func(object int) (AccessKey, error)
}

func (s *source) open() (func() (AccessKey, error), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects++
	object := s.objects
	return func() (AccessKey, error) {
		s.mu.Lock()
		s.fetches++
		s.running++
		s.most = max(s.most, s.running)
		takes := s.takes
		s.mu.Unlock()
		if takes > 0 {
			<-time.After(takes)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running--
		return s.give(object)
	}, nil
}

func (s *source) set(give func(object int) (AccessKey, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give = give
}

func (s *source) count() (objects, fetches int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects, s.fetches
}

func key(name string) func(int) (AccessKey, error) {
	return func(int) (AccessKey, error) {
		return AccessKey{ID: name, Secret: "secret-" + name, Token: "token"}, nil
	}
}

func away(int) (AccessKey, error) { return AccessKey{}, errors.New("source is away") }

// underTest runs a test of Credentials on a clock of its own.
func underTest(t *testing.T, give func(int) (AccessKey, error), test func(t *testing.T, s *source, c *Credentials)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &source{give: give}
		test(t, s, NewCredentials(s.open, time.Now))
	})
}

func wantKey(t *testing.T, c *Credentials, name string) {
	t.Helper()
	k, err := c.Get(context.Background())
	if err != nil || k.ID != name {
		t.Fatalf("Get gives %q, %v; want %q", k.ID, err, name)
	}
}

func wantNone(t *testing.T, c *Credentials) {
	t.Helper()
	if k, err := c.Get(context.Background()); !errors.Is(err, ErrNoKey) {
		t.Fatalf("Get gives %q, %v; want %v", k.ID, err, ErrNoKey)
	}
}
