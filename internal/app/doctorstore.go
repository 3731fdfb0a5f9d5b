package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/store/redis"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

// storeChecks looks at the store that the settings name.
func storeChecks(ctx context.Context, c *config.Config, running bool, log *slog.Logger) []doctor.Check {
	ctx, cancel := context.WithTimeout(ctx, storeLook)
	defer cancel()
	if c.RedisURL == "" {
		h, err := sqlite.Examine(ctx, c.DataDir)
		return doctor.EmbeddedStore(doctor.Embedded{
			Dir: c.DataDir, Exists: h.Exists, Holder: h.Holder, Recorded: h.Partitions, Partitions: c.Partitions, Err: err, BotAnswers: running,
		})
	}
	h, err := redis.Examine(ctx, c.RedisURL.Reveal(), log)
	return doctor.RedisStore(doctor.Redis{
		Err: err, Version: h.Version, Warnings: h.Warnings, Recorded: h.Partitions, Partitions: c.Partitions,
		Replicas: h.Replicas, Wanted: c.WaitReplicas, Skew: h.Skew, Timed: err == nil,
	})
}

// dataFolder looks at the folder of the store and the spool, without writing there.
func dataFolder(c *config.Config) doctor.Folder {
	f := doctor.Folder{Dir: c.DataDir, Exists: true}
	if c.RedisURL != "" {
		f.Needs = c.SpoolMax
	}
	at := c.DataDir
	for { // the nearest folder that is there
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			f.Err = errors.New(at + " is not a folder")
			return f
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			f.Err = errors.New(cause(err))
			return f
		}
		f.Exists, at = false, filepath.Dir(at)
	}
	const writeAndEnter = 0x2 | 0x1
	if err := syscall.Access(at, writeAndEnter); err != nil {
		f.Err = err
		return f
	}
	var s syscall.Statfs_t
	if f.Err = syscall.Statfs(at, &s); f.Err == nil {
		f.Free = uint64(s.Bavail) * uint64(s.Bsize) //nolint:gosec,unconvert // never negative; the types differ between systems
	}
	return f
}

// machineLimits asks for the limits of this process.
func machineLimits() doctor.Limits {
	l := doctor.Limits{Memory: debug.SetMemoryLimit(-1)} // a negative one changes nothing
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		l.Files = uint64(files.Cur) //nolint:unconvert // the types differ between systems
	}
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		data, err := readFile(name, 64)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
		if err == nil && n > 0 && n < math.MaxInt64/2 { // a number near the greatest means none
			l.Container = n
		}
		break
	}
	return l
}
