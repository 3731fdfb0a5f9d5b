package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/groupguard/groupguard/internal/store"
)

// checkMade refuses to make a new spool where one is missing: what was accepted and waited in it would be
// lost without a word.
func checkMade(path, marker string) error {
	_, err := os.Stat(marker)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the first start, or one that was killed before it ended
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > 0 {
		return nil
	}
	return fmt.Errorf("%w: %s is missing or empty, although it was made before: accepted events that waited in it are lost with it; put it back, or remove %s to go on without them",
		store.ErrDamaged, path, marker)
}

// makeMarker writes the marker of a spool, unless it is there. Its name is made durable with the spool's.
func makeMarker(path, marker string) error {
	if _, err := os.Stat(marker); err == nil {
		return nil
	}
	if err := os.WriteFile(marker, []byte("SQLite, see "+filepath.Base(path)+"\n"), 0o600); err != nil {
		return err
	}
	return syncPath(marker)
}
