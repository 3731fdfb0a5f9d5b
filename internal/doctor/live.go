package doctor

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Spool is what a running bot has in its spool.
type Spool struct {
	Entries  int64 // that wait to be judged
	Bytes    int64
	Most     int64 // bytes that it may hold
	Refusing error // why it takes nothing; nil: it does
}

// nearlyFull is the share of the spool from which somebody should look.
const nearlyFull = 0.8

// SpoolState looks at it.
func SpoolState(s Spool) Check {
	switch {
	case s.Refusing != nil:
		return failure(AboutSpool, "see that Redis answers, then the room on the disk of BOT_DATA_DIR", "the spool takes nothing: %v", s.Refusing)
	case float64(s.Bytes) >= nearlyFull*float64(s.Most):
		return warning(AboutSpool, "see that Redis answers, or set a larger BOT_SPOOL_MAX", "the spool has %s of %s", BytesOf(uint64(max(s.Bytes, 0))), BytesOf(uint64(max(s.Most, 0))))
	case s.Entries > 0:
		return warning(AboutSpool, "they are judged when Redis answers", "%s wait in the spool", count(int(s.Entries), "event"))
	}
	return ok(AboutSpool, "the spool is empty and takes %s", BytesOf(uint64(max(s.Most, 0))))
}

// Beat is when the last heartbeat of a provider's way was answered.
type Beat struct {
	Provider chat.Provider
	Every    time.Duration // 0: it does not beat
	Age      time.Duration // since the last one that was answered, or since the start
}

// missedBeats is how many may be missing before it is an error.
const missedBeats = 3

// Heartbeat looks at it.
func Heartbeat(b Beat) Check {
	switch {
	case b.Every == 0:
		return Skip(AboutBeat, "it is off (BOT_HEARTBEAT)")
	case b.Age > missedBeats*b.Every:
		return failure(AboutBeat, "see the lines above and the log: webhooks of real events may not be answered either",
			"no heartbeat on the way of %s was answered for %s, one is sent every %s", b.Provider, b.Age.Round(time.Second), b.Every)
	}
	return ok(AboutBeat, "a heartbeat on the way of %s was answered %s ago", b.Provider, b.Age.Round(time.Second))
}
