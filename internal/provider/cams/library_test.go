package cams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// noOtherSources keeps a test away from the machine's own credentials and from its metadata address.
func noOtherSources(t *testing.T) {
	t.Helper()
	for _, name := range strings.Fields(chainInputs) {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
}

func TestLibraryURISourceThatFailsBeforeTheEnd(t *testing.T) {
	noOtherSources(t)
	var broken atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			http.Error(w, `{"AccessKeySecret":"the-secret"}`, http.StatusInternalServerError)
			return
		}
		end := time.Now().Add(170 * time.Second).UTC().Format("2006-01-02T15:04:05Z")
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"uri-key","AccessKeySecret":"the-secret","SecurityToken":"the-token","Expiration":%q}`, end)
	}))
	defer srv.Close()
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", srv.URL)

	var ahead atomic.Int64
	c := NewCredentials(DefaultChain, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	wantKey(t, c, "uri-key")
	broken.Store(true)
	object, err := DefaultChain()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := object(); err == nil || strings.Contains(err.Error(), "the-") {
		t.Fatalf("the library's own answer is %v, want an error without its text", err)
	}
	ahead.Store(int64(refreshAfter))
	for range 5 { // the refresh fails in the background; the copy is valid still
		wantKey(t, c, "uri-key")
	}
	k, _ := c.Get(context.Background())
	c.Invalidate(k) // the provider says that it has ended
	if _, err := c.Get(context.Background()); !errors.Is(err, ErrNoKey) || strings.Contains(err.Error(), "the-") {
		t.Fatalf("Get gives %v", err)
	}
	broken.Store(false)
	ahead.Add(int64(retryAfter))
	wantKey(t, c, "uri-key")
}

func TestLibraryChainRecoversWhenVariablesAppear(t *testing.T) {
	noOtherSources(t)
	var ahead atomic.Int64
	c := NewCredentials(DefaultChain, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	wantNone(t, c)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "env-key")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret")
	ahead.Store(int64(retryAfter))
	wantKey(t, c, "env-key")
}

func TestLibraryURISourceIsAskedOnceByManyCallers(t *testing.T) {
	noOtherSources(t)
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		end := time.Now().Add(170 * time.Second).UTC().Format("2006-01-02T15:04:05Z")
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"uri-key","AccessKeySecret":"s","SecurityToken":"t","Expiration":%q}`, end)
	}))
	defer srv.Close()
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", srv.URL)
	c := NewCredentials(DefaultChain, time.Now)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if k, err := c.Get(context.Background()); err != nil || k.ID != "uri-key" {
				t.Errorf("Get gives %q, %v", k.ID, err)
			}
		})
	}
	all.Wait()
	if n := hits.Load(); n != 1 {
		t.Errorf("50 callers made %d fetches", n)
	}
}
