package admin

import (
	"context"
	"net/http"
	"strings"
)

// reloaded is the answer to a reload that was taken.
type reloaded struct {
	Status string `json:"status"` // reloaded
	Hash   string `json:"hash,omitempty"`
}

// readAgain has the rules read again. One request at a time does: the others wait for their turn.
func (s *Server) readAgain(ctx context.Context) error {
	select {
	case s.reread <- struct{}{}:
		defer func() { <-s.reread }()
		return s.cfg.Reload()
	case <-ctx.Done():
		return refused(http.StatusServiceUnavailable, "other reloads are under way")
	}
}

// reload is POST reload.
func (s *Server) reload(ctx context.Context, _ *request) (any, error) {
	err := s.readAgain(ctx)
	if _, busy := err.(*fault); busy { //nolint:errorlint // it is returned as it is
		return nil, err
	}
	now := s.cfg.Rules.InForce()
	if err != nil {
		f := refused(http.StatusUnprocessableEntity, "the rules are refused, and the former ones stay in force")
		f.problems = onlyErrors(now.Problems)
		return nil, f
	}
	return reloaded{Status: "reloaded", Hash: now.Rules.Hash()}, nil
}

// reloadPlain is POST /-/reload, where people know it from other daemons. Its problems are lines.
func (s *Server) reloadPlain(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
	defer cancel()
	err := s.readAgain(ctx)
	done := reloaded{Status: "reloaded"}
	if s.cfg.Rules != nil && err == nil {
		done.Hash = s.cfg.Rules.InForce().Rules.Hash()
	}
	s.note(&request{Request: r}, done, err)
	if _, busy := err.(*fault); busy { //nolint:errorlint // it is returned as it is
		s.fail(w, r, err)
		return
	}
	if err != nil {
		reply(w, http.StatusUnprocessableEntity, map[string]any{"status": "refused", "problems": strings.Split(err.Error(), "\n")})
		return
	}
	reply(w, http.StatusOK, done)
}

// examine is GET doctor.
func (s *Server) examine(ctx context.Context, r *request) (any, error) {
	offline := r.query.yes("offline")
	if r.query.err != nil {
		return nil, r.query.err
	}
	return s.cfg.Doctor(ctx, offline), nil
}
