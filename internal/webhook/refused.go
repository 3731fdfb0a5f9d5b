package webhook

import (
	"maps"
	"sync"

	"github.com/groupguard/groupguard/internal/chat"
)

// refusals counts how many requests of a provider were refused, by reason, since the last one that proved
// where it comes from. It is safe for concurrent use.
type refusals struct {
	mu       sync.Mutex // guards byReason: every request of the provider passes here
	byReason map[string]int
}

// ended notes how a request ended. A heartbeat proves nothing: the bot signs it with the secret that it has,
// be it the provider's or not.
func (r *refusals) ended(res *result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case res.outcome == unauthorized:
		r.byReason[res.reason]++
	case res.event != string(chat.Heartbeat):
		clear(r.byReason)
	}
}

// Refused returns how many requests each provider has had refused, by reason, since the last one that was
// not, heartbeats left out.
func (s *Server) Refused() map[chat.Provider]map[string]int {
	out := map[chat.Provider]map[string]int{}
	for p, r := range s.refusals {
		r.mu.Lock()
		out[p] = maps.Clone(r.byReason)
		r.mu.Unlock()
	}
	return out
}
