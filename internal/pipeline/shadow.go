package pipeline

import (
	"sync"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
)

// maxGeneration bounds each of the two generations of a memory. Repeats of an event come within
// seconds or minutes, which even in a raid is fewer shadow matches than this.
const maxGeneration = 8192

// memory knows the digests that were new lately: the last maxGeneration of them at least, and twice
// as many at most. The zero value is ready, and it is safe for concurrent use.
type memory struct {
	mu         sync.Mutex // guards the fields below
	young, old map[string]struct{}
}

// isNew tells whether the digest is not remembered, and remembers it.
func (m *memory) isNew(digest string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.knows(digest) {
		return false
	}
	if m.young == nil || len(m.young) == maxGeneration {
		m.old, m.young = m.young, map[string]struct{}{}
	}
	m.young[digest] = struct{}{}
	return true
}

// has tells whether a digest is remembered.
func (m *memory) has(digest string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.knows(digest)
}

// take forgets a digest, and tells whether it was remembered.
func (m *memory) take(digest string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.knows(digest)
	delete(m.young, digest)
	delete(m.old, digest)
	return known
}

// knows tells whether a digest is remembered. The caller holds mu.
func (m *memory) knows(digest string) bool {
	_, young := m.young[digest]
	_, old := m.old[digest]
	return young || old
}

// shadows counts and logs the rules that only watch, once for each event however often it comes: as
// a repeat, or before and after it happened. Events are told apart as their cases would be.
func (p *Pipeline) shadows(e *chat.Event, matches []chat.Match) {
	for _, m := range matches {
		if m.Mode != policy.ModeShadow {
			continue
		}
		if !p.shadow.isNew(chat.Digest("shadow", string(chat.NewCaseID(e.Group, e.ID, e.Text)), string(m.Rule))) {
			continue
		}
		p.matches.WithLabelValues(string(m.Rule), m.Mode).Inc()
		if p.cfg.Watched != nil {
			p.cfg.Watched(*e, m)
		}
		p.cfg.Log.Info("shadow rule fits", "rule", m.Rule, "why", m.Why, "provider", e.Provider, "group", e.Group.ID, "member", e.Member)
	}
}
