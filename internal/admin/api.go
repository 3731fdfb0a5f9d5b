package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/desk"
)

const (
	maxBody    = 64 << 10         // bytes of a request
	apiTimeout = 25 * time.Second // of a request's work; the server cuts the answer off after 30
)

// api serves what operators do. Everything behind it is bounded.
func (s *Server) api(mux *http.ServeMux) {
	d := s.cfg.Desk
	get := func(path string, do func(ctx context.Context, r *http.Request) (any, error)) {
		mux.HandleFunc("GET /api/v1/"+path, s.withToken(s.answer(do)))
	}
	post := func(path string, do func(ctx context.Context, r *http.Request) (any, error)) {
		mux.HandleFunc("POST /api/v1/"+path, s.withToken(s.answer(do)))
	}
	get("cases", func(ctx context.Context, r *http.Request) (any, error) {
		q, err := casesRequest(r)
		if err != nil {
			return nil, err
		}
		return d.Cases(ctx, q)
	})
	get("cases/{id}", func(ctx context.Context, r *http.Request) (any, error) { return d.Case(ctx, r.PathValue("id")) })
	for _, shelf := range []struct {
		actions.Shelf
		requeue string
	}{{actions.DeadShelf, "requeue"}, {actions.HeldShelf, "release"}} {
		get(string(shelf.Shelf), func(ctx context.Context, r *http.Request) (any, error) {
			q, err := lettersRequest(r)
			if err != nil {
				return nil, err
			}
			return d.Letters(ctx, shelf.Shelf, q)
		})
		post(string(shelf.Shelf)+"/"+shelf.requeue, body(func(ctx context.Context, q desk.Selection) (desk.Moved, error) {
			return d.Requeue(ctx, shelf.Shelf, q)
		}))
		post(string(shelf.Shelf)+"/drop", body(func(ctx context.Context, q desk.Selection) (desk.Moved, error) {
			return d.Drop(ctx, shelf.Shelf, q)
		}))
	}
	get("pauses", func(ctx context.Context, _ *http.Request) (any, error) { return d.Pauses(ctx) })
	post("pause", body(d.Pause))
	post("resume", body(d.Resume))
	post("undo", body(func(ctx context.Context, q undoRequest) (desk.Undone, error) {
		if q.Preview == nil {
			return desk.Undone{}, &desk.Error{Kind: desk.Mistaken, Text: `say "preview": true or false`}
		}
		q.UndoRequest.Preview = *q.Preview
		return d.Undo(ctx, q.UndoRequest)
	}))
}

// undoRequest makes sure that nothing is undone because a key was left out.
type undoRequest struct {
	desk.UndoRequest
	Preview *bool `json:"preview"`
}

// tooLarge is the error of a body over maxBody.
var errTooLarge = fmt.Errorf("the request is over %d KiB", maxBody>>10)

// body returns a handler that reads one JSON document.
func body[Q, A any](do func(context.Context, Q) (A, error)) func(context.Context, *http.Request) (any, error) {
	return func(ctx context.Context, r *http.Request) (any, error) {
		data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return nil, &desk.Error{Kind: desk.Mistaken, Text: "the request was cut off"}
		}
		if len(data) > maxBody {
			return nil, errTooLarge
		}
		var q Q
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			return nil, &desk.Error{Kind: desk.Mistaken, Text: "the request is not the JSON that is expected: " + err.Error()}
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return nil, &desk.Error{Kind: desk.Mistaken, Text: "something stands behind the JSON of the request"}
		}
		return do(ctx, q)
	}
}

// answer writes what a handler returns, or its error with the status that fits.
func (s *Server) answer(do func(context.Context, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
		defer cancel()
		out, err := do(ctx, r)
		if r.Method == http.MethodPost {
			s.cfg.Log.Info("operator", "request", r.URL.Path, "from", r.RemoteAddr, "done", err == nil)
		}
		if err == nil {
			reply(w, http.StatusOK, out)
			return
		}
		var fault *desk.Error
		switch {
		case errors.As(err, &fault):
			reply(w, statusOf(fault.Kind), map[string]string{"error": fault.Text})
		case errors.Is(err, errTooLarge):
			reply(w, http.StatusRequestEntityTooLarge, map[string]string{"error": err.Error()})
		default:
			s.cfg.Log.Error("operator", "request", r.URL.Path, "err", err)
			reply(w, http.StatusServiceUnavailable, map[string]string{"error": "the store could not do it: the bot's log says why"})
		}
	}
}

func statusOf(k desk.Kind) int {
	switch k {
	case desk.NotFound:
		return http.StatusNotFound
	case desk.Refused:
		return http.StatusConflict
	case desk.Mistaken:
	}
	return http.StatusBadRequest
}

// parameters reads the query of a URL. Its first problem stays in err.
type parameters struct {
	values url.Values
	err    error
}

func newParameters(r *http.Request) *parameters {
	p := &parameters{}
	if p.values, p.err = url.ParseQuery(r.URL.RawQuery); p.err != nil {
		p.err = &desk.Error{Kind: desk.Mistaken, Text: "the query is not well-formed"}
	}
	return p
}

// take returns the value of a parameter, which then counts as known.
func (p *parameters) take(name string) string {
	v := p.values.Get(name)
	p.values.Del(name)
	return v
}

func (p *parameters) fail(name, text string) {
	if p.err == nil {
		p.err = &desk.Error{Kind: desk.Mistaken, Text: name + " " + text}
	}
}

func (p *parameters) time(name string) (t time.Time) {
	if v := p.take(name); v != "" {
		var err error
		if t, err = time.Parse(time.RFC3339, v); err != nil {
			p.fail(name, "is not a time such as 2026-11-20T20:00:00Z")
		}
	}
	return t
}

func (p *parameters) number(name string) (n int) {
	if v := p.take(name); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			p.fail(name, "is not a number")
		}
	}
	return n
}

// end returns the first problem; an unknown parameter is one, since it would select too much.
func (p *parameters) end() error {
	for name := range p.values {
		p.fail(strconv.Quote(name), "is no parameter here")
	}
	return p.err
}

func casesRequest(r *http.Request) (desk.CasesRequest, error) {
	p := newParameters(r)
	q := desk.CasesRequest{
		Rule: chat.RuleID(p.take("rule")), Group: p.take("group"), Member: p.take("member"), Since: p.time("since"), Until: p.time("until"),
		Outcome: p.take("outcome"), Limit: p.number("limit"), Parts: p.take("parts") == "true",
	}
	return q, p.end()
}

func lettersRequest(r *http.Request) (desk.LettersRequest, error) {
	p := newParameters(r)
	ids := p.values["id"]
	p.values.Del("id")
	q := desk.LettersRequest{Limit: p.number("limit"), Selection: desk.Selection{
		IDs: ids, Rule: chat.RuleID(p.take("rule")), Group: p.take("group"), Member: p.take("member"),
	}}
	return q, p.end()
}
