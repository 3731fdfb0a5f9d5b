// Package series keeps counters whose label values come and go, such as the IDs of rules.
//
// It owns how many of them there are. It must not know what they count.
package series

import (
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Counters are counters by label values. Values that are in force have a series from the start, with 0.
// Those that left keep theirs for a while: what was counted right before they left is still to be
// scraped, and who comes back goes on from there. A counter that began anew at its former value would
// hide an increase. Counters is safe for concurrent use.
type Counters struct {
	vec  *prometheus.CounterVec
	most int

	mu    sync.Mutex          // guards the fields below
	known map[string][]string // all values with a series, by key
	gone  []string            // keys of those that left, the longest gone first
}

var _ prometheus.Collector = (*Counters)(nil)

// New returns counters that keep the series of at most so many values that left, 1 or more.
func New(opts prometheus.CounterOpts, labels []string, most int) *Counters {
	return &Counters{vec: prometheus.NewCounterVec(opts, labels), most: most, known: map[string][]string{}}
}

// Keep says which label values are in force.
func (c *Counters) Keep(inForce [][]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	here := make(map[string]bool, len(inForce))
	for _, values := range inForce {
		key := keyOf(values)
		here[key] = true
		c.known[key] = slices.Clone(values)
		c.vec.WithLabelValues(values...)
	}
	left := make([]string, 0, len(c.known))
	for key := range c.known {
		if !here[key] && !slices.Contains(c.gone, key) {
			left = append(left, key)
		}
	}
	slices.Sort(left)
	c.gone = append(slices.DeleteFunc(c.gone, func(key string) bool { return here[key] }), left...)
	c.forget()
}

// WithLabelValues returns the counter of values. Those that are not in force get one too, as if they
// had just left.
func (c *Counters) WithLabelValues(values ...string) prometheus.Counter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key := keyOf(values); c.known[key] == nil {
		c.known[key] = slices.Clone(values)
		c.gone = append(c.gone, key)
		c.forget()
	}
	return c.vec.WithLabelValues(values...)
}

// forget drops the series of those that are gone the longest. The caller holds c.mu.
func (c *Counters) forget() {
	for len(c.gone) > c.most {
		c.vec.DeleteLabelValues(c.known[c.gone[0]]...)
		delete(c.known, c.gone[0])
		c.gone = c.gone[1:]
	}
}

// Describe implements prometheus.Collector.
func (c *Counters) Describe(ch chan<- *prometheus.Desc) { c.vec.Describe(ch) }

// Collect implements prometheus.Collector.
func (c *Counters) Collect(ch chan<- prometheus.Metric) { c.vec.Collect(ch) }

func keyOf(values []string) string { return strings.Join(values, "\xff") }
