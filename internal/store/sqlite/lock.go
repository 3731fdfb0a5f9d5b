package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/groupguard/groupguard/internal/store"
)

// folderLock keeps a second process out of the data folder. The kernel lets it go when the process
// ends, however it ends, so that nobody has to clear a stale one.
type folderLock struct{ f *os.File }

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own folder
	if err != nil {
		return nil, fmt.Errorf("opening the lock file: %w", err)
	}
	err = takeLock(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := readHolder(f)
		_ = f.Close()
		return nil, fmt.Errorf("%w: process %s is using %s; stop it first, or choose another folder", store.ErrInUse, holder, dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := writeHolder(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return &folderLock{f: f}, nil
}

// takeLock locks a file. Somebody who only looks has it for an instant, so that a few more tries are made.
func takeLock(f *os.File) error {
	for tries := 20; ; tries-- {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor fits
		if !errors.Is(err, syscall.EWOULDBLOCK) || tries == 0 {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
}

func readHolder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	holder := strings.TrimSpace(string(text))
	if _, bad := strconv.Atoi(holder); err != nil || bad != nil {
		return "(unknown)"
	}
	return holder
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func (l *folderLock) release() error { return l.f.Close() }
