package redis

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// Keys of one partition share a hash tag, so that a script finds all of them on one node of a
// cluster. IDs are opaque bytes of any length: they enter a key name only as a hash.
//
//	gg:{meta}:partitions   number of partitions, fixed at the first start
//	gg:{p}:w:HASH          zset    a window: event times, by event
//	gg:{p}:n:HASH          zset    a trail: event times, by event and note
//	gg:{p}:w:HASH:l        hash    of a window: what some of its events counted at first, by event
//	gg:{p}:n:HASH:l        hash    of a trail: turns of events that came after later ones, by event
//	gg:{p}:s:HASH          hash    ladder of a member in a group: points, the time up to which
//	                                they have faded, and the last step of each rule
//	gg:{p}:j:HASH          string  last join time of a member in a group
//	gg:{p}:m:HASH          hash    dedupe marks of a member in a group, by dedupe key, those of
//	                                held actions by that and the rule, the join that lifted some,
//	                                and before when a join has settled all
//	gg:{p}:r:HASH          hash    record: what became of a case, the case with its text's
//	                                fingerprint and bucket in place of it, and the last answers
//	gg:{p}:e:BUCKET        hash    texts of the cases of a few minutes, by record
//	gg:{p}:rx              zset    records, oldest first, each with the case that it is part of, the
//	                                bucket of its text, and its code; the cases and the code as hashes
//	gg:{p}:q               stream  queued actions
//	gg:{p}:t               hash    failed attempts and who counted the last, by queue entry
//	gg:{p}:d               hash    dead letters, by action
//	gg:{p}:dx              zset    the same actions, oldest first
//	gg:{p}:h               hash    held letters, by action
//	gg:{p}:hx              zset    the same actions, oldest first
//	gg:{p}:u:CALL          string  how many letters a call took off a shelf, for its repetition
//	gg:{p}:o:HASH          hash    roster of a group
//	gg:{p}:g:HASH          set     groups of an account
//	gg:{p}:l:HASH          string  when the next call is due, by API
//	gg:{p}:ls:HASH         string  how far the pace of an API is slowed, since when, and until when
//	                                no call is granted
//	gg:{meta}:b:HASH       hash    memos of a kind: version, expiry, who stored it, and the body
//	gg:{meta}:bx:HASH      zset    the same memos, by expiry
//	gg:{p}:v, gg:{meta}:v  string  written so that a wait for replicas counts all that is there
const metaKey = metaPrefix + "partitions"

// metaPrefix begins the keys of what belongs to no group.
const metaPrefix = "gg:{meta}:"

// consumers is the consumer group of every queue stream.
const consumers = "bot"

// partKey returns a key of a partition: the partition's own, or, with a hash, one of many.
func partKey(part int, kind string, hash ...string) string {
	k := "gg:{" + strconv.Itoa(part) + "}:" + kind
	for _, h := range hash {
		k += ":" + h
	}
	return k
}

// The names of the kinds of keys.
const (
	kindWindow   = "w"
	kindTrail    = "n"
	kindLadder   = "s"
	kindJoined   = "j"
	kindMarks    = "m"
	kindRecord   = "r"
	kindText     = "e"
	kindRecords  = "rx"
	kindQueue    = "q"
	kindAttempts = "t"
	kindDead     = "d"
	kindDeadAge  = "dx"
	kindHeld     = "h"
	kindHeldAge  = "hx"
	kindMoved    = "u"
	kindRoster   = "o"
	kindGroups   = "g"
	kindLimit    = "l"
	kindSlow     = "ls"
	kindMemos    = "b"
	kindMemoAge  = "bx"
	kindVouch    = "v"
)

// hash returns 22 letters, digits, hyphens and underscores that stand for the parts; the border
// between parts counts.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(strconv.AppendInt(nil, int64(len(p)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(h.Sum(sum[:0])[:16])
}

// groupHash stands for a group, with further parts such as a member.
func groupHash(g chat.Group, more ...string) string {
	return hash(append([]string{string(g.Provider), string(g.Account), string(g.ID)}, more...)...)
}

// eventSize is the length of what stands for an event.
const eventSize = 10

// eventHash is what windows and trails hold of an event: its ID is unique within its group only. 60
// bits tell the events of one window apart, and a short member keeps small windows compact.
func eventHash(g chat.Group, id chat.EventID) string { return groupHash(g, string(id))[:eventSize] }

// ruleField is what a ladder holds of a rule.
func ruleField(id chat.RuleID) string { return hash(string(id))[:10] }

// markField, heldField and markName are what a dedupe mark holds of a dedupe key, of that of a held
// action, and of an action.
func markField(dedupe string) string { return hash(dedupe)[:10] }
func heldField(rule chat.RuleID, dedupe string) string {
	return markField(store.HeldKey(rule, dedupe))
}
func markName(id chat.ActionID) string { return hash(string(id)) }

// letterName is how the shelves name an action.
func letterName(id chat.ActionID) string { return hash(string(id)) }

// windowKey returns the key of a window or a trail.
func windowKey(part int, w *chat.Window) string {
	kind := kindWindow
	if w.Note != "" {
		kind = kindTrail
	}
	if w.Group != nil {
		return partKey(part, kind, groupHash(*w.Group, w.ID, w.Key))
	}
	return partKey(part, kind, hash(w.ID, w.Key))
}

// windowKeys returns the keys of a window or a trail, and of what its repeated events are told.
func windowKeys(part int, w *chat.Window) []string {
	key := windowKey(part, w)
	return []string{key, key + ":l"}
}

func ladderKey(part int, g chat.Group, m chat.MemberID) string {
	return partKey(part, kindLadder, groupHash(g, string(m)))
}

func joinedKey(part int, g chat.Group, m chat.MemberID) string {
	return partKey(part, kindJoined, groupHash(g, string(m)))
}

func marksKey(part int, g chat.Group, m chat.MemberID) string {
	return marksPrefix(part) + groupHash(g, string(m))
}

// marksPrefix lets a script name the marks of a letter that it drops.
func marksPrefix(part int) string { return partKey(part, kindMarks) + ":" }

// recordPrefix lets a script name the records that it shortens to keep their bound.
func recordPrefix(part int) string { return partKey(part, kindRecord) + ":" }

func recordKey(part int, id chat.CaseID) string { return recordPrefix(part) + recordName(id) }

// bucketSpan is the time whose texts go into one bucket. A bucket lives until its youngest text must
// go, so that an older one stays for as much longer; nobody reads it then. A key for each text would
// cost a commit several times as much.
const bucketSpan = 5 * time.Minute

// textBucket returns the bucket of texts that are stored at a time.
func textBucket(at time.Time) string {
	return strconv.FormatInt(at.Unix()/int64(bucketSpan/time.Second), 10)
}

// textPrefix lets a script name the buckets of texts that it drops to keep the bound of records.
func textPrefix(part int) string { return partKey(part, kindText) + ":" }

func textKey(part int, bucket string) string { return textPrefix(part) + bucket }

// noName stands in the index for what a case does not have.
const noName = "-"

// indexName is what the index holds of a case: its record, the case that it is part of, the bucket of
// its text, and its code. Versions before wrote the first and the last only.
func indexName(c *chat.Case, bucket string) string {
	of := noName
	if c.Of != "" {
		of = recordName(c.Of)
	}
	return recordName(c.ID) + " " + of + " " + bucket + " " + codeName(c.Code)
}

// recordName and codeName are how the index names a case and its code.
func recordName(id chat.CaseID) string { return hash(string(id)) }
func codeName(code string) string      { return hash(code) }

func rosterKey(part int, g chat.Group) string {
	return partKey(part, kindRoster, groupHash(g))
}

func groupsKey(part int, p chat.Provider, a chat.Account) string {
	return partKey(part, kindGroups, hash(string(p), string(a)))
}

func limitKey(part int, key string) string { return partKey(part, kindLimit, hash(key)) }
func slowKey(part int, key string) string  { return partKey(part, kindSlow, hash(key)) }

// memoVouch is written behind what is done with memos.
const memoVouch = metaPrefix + kindVouch

// memoKeys returns the keys of a kind of memos and of their expiry.
func memoKeys(kind string) []string {
	return []string{metaPrefix + kindMemos + ":" + hash(kind), metaPrefix + kindMemoAge + ":" + hash(kind)}
}
