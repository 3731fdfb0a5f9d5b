package doctor

import "time"

// Redis is what was found of the Redis that keeps everything.
type Redis struct {
	Err        error    // why it cannot be asked; then nothing else is known
	Version    string   // as it says
	Warnings   []string // what differs from what the bot expects, each with the fix
	Recorded   int      // partitions that it was filled with; 0: it is new
	Partitions int      // that the settings say
	Replicas   int      // connected
	Wanted     int      // BOT_REDIS_WAIT_REPLICAS
	Skew       time.Duration
	Timed      bool // the skew is known
}

// RedisStore looks at it.
func RedisStore(r Redis) []Check {
	if r.Err != nil {
		return []Check{failure(AboutStore, "see that Redis runs, and that BOT_REDIS_URL names it with the right user and password", "Redis cannot be asked: %v", r.Err)}
	}
	out := []Check{ok(AboutStore, "Redis %s answers", r.Version)}
	for _, w := range r.Warnings {
		out = append(out, warning(AboutStore, "", "%s", w))
	}
	if r.Recorded > 0 {
		out = append(out, partitions("Redis", r.Recorded, r.Partitions))
	}
	switch {
	case r.Replicas < r.Wanted:
		out = append(out, failure(AboutStore, "connect replicas, or set BOT_REDIS_WAIT_REPLICAS lower",
			"Redis has %s and BOT_REDIS_WAIT_REPLICAS is %d: no commit can be answered", count(r.Replicas, "replica"), r.Wanted))
	case r.Wanted > 0:
		out = append(out, ok(AboutStore, "Redis has %s, %d must hold a commit", count(r.Replicas, "replica"), r.Wanted))
	case r.Replicas > 0:
		out = append(out, warning(AboutStore, "set BOT_REDIS_WAIT_REPLICAS=1",
			"Redis has %s and BOT_REDIS_WAIT_REPLICAS is 0: a failover may lose accepted actions", count(r.Replicas, "replica")))
	}
	if r.Timed {
		out = append(out, Clock("the clock of Redis", r.Skew, 0))
	}
	return out
}

// NoWrites says that a store answers and takes nothing: it is full, read-only, or short of replicas.
func NoWrites(err error) Check {
	return failure(AboutStore, "see its memory (maxmemory), its disk, and whether it is the primary", "the store answers and takes nothing that is written: %v", err)
}

func partitions(where string, recorded, wanted int) Check {
	if recorded != wanted {
		return failure(AboutStore, "set it back, or use an empty store", "%s was filled with %d partitions, and BOT_PARTITIONS is %d", where, recorded, wanted)
	}
	return ok(AboutStore, "%s has %d partitions, as BOT_PARTITIONS says", where, recorded)
}

// Embedded is what was found of the embedded store.
type Embedded struct {
	Dir        string
	Exists     bool
	Holder     string // the process that uses it; empty: none
	Recorded   int    // partitions; 0: not known
	Partitions int    // that the settings say
	Err        error  // why it cannot be read
	BotAnswers bool   // a running bot was found, so that its use of the store is as it should be
}

// EmbeddedStore looks at it.
func EmbeddedStore(e Embedded) []Check {
	switch {
	case e.Err != nil:
		return []Check{failure(AboutStore, "see who owns it, and that the disk is sound", "the store in %s cannot be read: %v", e.Dir, e.Err)}
	case !e.Exists:
		return []Check{ok(AboutStore, "the embedded store in %s is made at the first start", e.Dir)}
	case e.Holder != "" && e.BotAnswers:
		return []Check{ok(AboutStore, "the embedded store in %s is in use by process %s, as it is when the bot runs", e.Dir, e.Holder)}
	case e.Holder != "":
		return []Check{warning(AboutStore, "is that the bot? Set BOT_ADMIN_TOKEN for it and for this command, or say --addr; another bot cannot start on that folder",
			"the embedded store in %s is in use by process %s, and no bot answers at the admin port", e.Dir, e.Holder)}
	}
	out := []Check{ok(AboutStore, "the embedded store in %s can be read, and no process uses it", e.Dir)}
	if e.Recorded > 0 {
		out = append(out, partitions("it", e.Recorded, e.Partitions))
	}
	return out
}
