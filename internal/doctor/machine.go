package doctor

import (
	"math"
	"time"
)

// skewWarning is from where somebody should look, though nothing is refused yet.
const skewWarning = 30 * time.Second

// Clock compares a clock with ours: skew is how far it is ahead. Beyond most, webhooks or calls are
// refused; 0: they never are.
func Clock(whose string, skew, most time.Duration) Check {
	ahead := "ahead of"
	off := skew
	if skew < 0 {
		ahead, off = "behind", -skew
	}
	const fix = "have this machine's clock set by NTP"
	switch {
	case most > 0 && off > most:
		return failure(AboutClock, fix, "%s is %s %s ours: past %s, webhooks or calls are refused", whose, off.Round(time.Second), ahead, most)
	case off > skewWarning:
		return warning(AboutClock, fix, "%s is %s %s ours", whose, off.Round(time.Second), ahead)
	}
	return ok(AboutClock, "%s agrees with ours to %s", whose, max(off.Round(time.Second), time.Second))
}

// Folder is what was found of the data folder.
type Folder struct {
	Dir    string
	Exists bool
	Err    error  // why nothing can be written there, or made
	Free   uint64 // bytes that are free for the bot
	Needs  int64  // bytes that it may come to hold
}

// lowSpace is what the embedded store and the system want beside what is counted.
const lowSpace = 256 << 20

// DataFolder looks at the folder of the store and the spool.
func DataFolder(f Folder) []Check {
	if f.Err != nil {
		return []Check{failure(AboutFolder, "let the user of the bot write there, or name another folder in BOT_DATA_DIR", "%s cannot be written: %v", f.Dir, f.Err)}
	}
	what := "can be written"
	if !f.Exists {
		what = "is not there yet and can be made"
	}
	if f.Free < uint64(max(f.Needs, 0))+lowSpace {
		return []Check{warning(AboutFolder, "make room, or set a smaller BOT_SPOOL_MAX", "%s %s, and has %s free: the bot may want %s",
			f.Dir, what, BytesOf(f.Free), BytesOf(uint64(max(f.Needs, 0))+lowSpace))}
	}
	return []Check{ok(AboutFolder, "%s %s, %s are free", f.Dir, what, BytesOf(f.Free))}
}

// Limits is what the machine lets the process have.
type Limits struct {
	Files     uint64 // open files; 0: not known
	Memory    int64  // GOMEMLIMIT in bytes; math.MaxInt64: none
	Container int64  // memory of the container in bytes; 0: no limit, or not known
}

// wantedFiles is what the webhook port alone may have open, and some room.
const wantedFiles = 8192 + 512

// MachineLimits looks at them.
func MachineLimits(l Limits) []Check {
	var out []Check
	if l.Files > 0 && l.Files < wantedFiles {
		out = append(out, warning(AboutLimits, "ulimit -n 16384 (LimitNOFILE=16384 in a systemd unit)",
			"the process may open %d files: the webhook port alone takes up to 8192 connections", l.Files))
	}
	none := l.Memory == 0 || l.Memory == math.MaxInt64
	switch {
	case l.Container > 0 && none:
		out = append(out, warning(AboutLimits, "set GOMEMLIMIT to about "+BytesOf(uint64(l.Container)/10*8),
			"the container has %s of memory and GOMEMLIMIT is not set: the process may be killed before it collects garbage", BytesOf(uint64(l.Container))))
	case l.Container > 0 && l.Memory > l.Container:
		out = append(out, warning(AboutLimits, "set GOMEMLIMIT to about "+BytesOf(uint64(l.Container)/10*8),
			"GOMEMLIMIT is over the container's %s of memory", BytesOf(uint64(l.Container))))
	}
	if len(out) == 0 {
		out = append(out, ok(AboutLimits, "open files and memory are enough"))
	}
	return out
}

// Port is what was found at an address that the bot is to listen on.
type Port struct {
	Setting string // BOT_LISTEN or BOT_ADMIN_LISTEN
	Addr    string
	Bot     string // version of the bot that answers there
	Err     error  // why it cannot be listened on
}

// Ports looks at the addresses of a bot that is not running, or is it.
func Ports(ports []Port) []Check {
	var out []Check
	running := false
	for _, p := range ports {
		running = running || p.Bot != ""
	}
	for _, p := range ports {
		switch {
		case p.Bot != "":
			out = append(out, ok(AboutPorts, "a bot (version %s) answers at %s (%s)", p.Bot, p.Addr, p.Setting))
		case p.Err == nil:
			out = append(out, ok(AboutPorts, "%s (%s) is free", p.Addr, p.Setting))
		case running:
			out = append(out, ok(AboutPorts, "%s (%s) is in use, as it is when a bot runs", p.Addr, p.Setting))
		default:
			out = append(out, failure(AboutPorts, "stop what listens there, or set another address in "+p.Setting, "%s (%s) cannot be listened on: %v", p.Addr, p.Setting, p.Err))
		}
	}
	return out
}
