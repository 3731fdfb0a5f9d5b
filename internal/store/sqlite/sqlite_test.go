package sqlite_test

import (
	"testing"

	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
	"github.com/groupguard/groupguard/internal/store/storetest"
)

var _ store.Store = (*sqlite.Store)(nil)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Open {
		dir := t.TempDir()
		return func(o store.Options) (store.Store, error) { return sqlite.Open(dir, o) }
	})
}
