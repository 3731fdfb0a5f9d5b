package sim

import "context"

// Idle waits until every webhook has been delivered or given up.
func (s *Server) Idle(ctx context.Context) error {
	h := s.hooks
	for {
		h.mu.Lock()
		if h.pending == 0 {
			h.mu.Unlock()
			return nil
		}
		if h.idle == nil {
			h.idle = make(chan struct{})
		}
		idle := h.idle
		h.mu.Unlock()
		select {
		case <-idle:
		case <-s.ctx.Done():
			return errClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Hooks returns the last attempts to deliver webhooks, oldest first, at most 10,000.
func (s *Server) Hooks() []Hook {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]Hook, 0, len(h.kept))
	return append(append(out, h.kept[h.next:]...), h.kept[:h.next]...)
}

// HookCounts returns how deliveries went since the start.
func (s *Server) HookCounts() HookCounts {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return s.hooks.counts
}
