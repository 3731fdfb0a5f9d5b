package trial

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// digest stands for a list of parts in bounded size: the border between parts counts.
type digest [16]byte

func digestOf(parts ...string) digest {
	var room [512]byte
	b := room[:0]
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return digest(sum[:16])
}

// minSweep is how many rows a table holds before anything is let go.
const minSweep = 1024

// table keeps values until a time of the simulated clock, in microseconds. What has ended goes when
// the table has doubled since it last went: each row pays for one look at it.
type table[V any] struct {
	rows map[digest]row[V]
	next int // at so many rows
}

type row[V any] struct {
	value V
	until int64
}

func (t *table[V]) get(k digest, now int64) (V, bool) {
	r, ok := t.rows[k]
	if !ok || r.until <= now {
		var none V
		return none, false
	}
	return r.value, true
}

func (t *table[V]) put(k digest, v V, now, until int64) {
	if t.rows == nil {
		t.rows, t.next = map[digest]row[V]{}, minSweep
	}
	if len(t.rows) >= t.next {
		for k, r := range t.rows {
			if r.until <= now {
				delete(t.rows, k)
			}
		}
		t.next = max(minSweep, 2*len(t.rows))
	}
	t.rows[k] = row[V]{v, until}
}

func (t *table[V]) drop(k digest) { delete(t.rows, k) }

// micros is a length of time as the tables count it.
func micros(d time.Duration) int64 { return d.Microseconds() }
