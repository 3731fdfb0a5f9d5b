package admin

import (
	"context"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

// cases lists cases.
func (s *Server) cases(ctx context.Context, r *request) (any, error) {
	p := r.query
	q := desk.CasesRequest{
		Rule: chat.RuleID(p.text("rule")), Group: p.text("group"), Member: p.text("member"), Since: p.time("since"), Until: p.time("until"),
		Outcome: p.text("outcome"), Limit: p.limit(), Parts: p.yes("parts"),
	}
	if p.err != nil {
		return nil, p.err
	}
	return s.cfg.Desk.Cases(ctx, q)
}

func lettersRequest(r *request) (desk.LettersRequest, error) {
	p := r.query
	q := desk.LettersRequest{Limit: p.limit(), Selection: desk.Selection{
		IDs: p.values["id"], Rule: chat.RuleID(p.text("rule")), Group: p.text("group"), Member: p.text("member"),
	}}
	return q, p.err
}

// spool lists what waits in the spool, and what it has given up.
func (s *Server) spool(ctx context.Context, r *request) (any, error) {
	limit := r.query.limit()
	if r.query.err != nil {
		return nil, r.query.err
	}
	return s.cfg.Spool(ctx, limit)
}

// undoRequest makes sure that nothing is undone because a key was left out.
type undoRequest struct {
	desk.UndoRequest
	Preview *bool `json:"preview"`
}

func (s *Server) undo(ctx context.Context, q undoRequest) (desk.Undone, error) {
	if q.Preview == nil {
		return desk.Undone{}, &desk.Error{Kind: desk.Mistaken, Text: `say "preview": true or false`}
	}
	q.UndoRequest.Preview = *q.Preview
	return s.cfg.Desk.Undo(ctx, q.UndoRequest)
}
