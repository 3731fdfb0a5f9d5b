package admin

import (
	"context"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/desk"
)

// The media types of request bodies.
const (
	mediaJSON = "application/json"
	mediaYAML = "application/yaml"
	mediaForm = "multipart/form-data"
)

// Route is one thing that the port answers, as docs/openapi.yaml describes it.
type Route struct {
	Method, Path string
	Token        bool     // it needs the bearer token
	Body         string   // media type of the request; empty: no body is read
	Query        []string // parameters that it takes; any other is refused
	serve        http.HandlerFunc
	do           func(ctx context.Context, r *request) (any, error)
}

// Routes returns all that the server answers.
func (s *Server) Routes() []Route { return s.routes }

// add registers routes. What answers an operator gets the checks that all of these share.
func (s *Server) add(mux *http.ServeMux, routes ...Route) {
	for _, r := range routes {
		if r.do != nil {
			r.serve = s.answer(r)
		}
		if r.Token {
			r.serve = s.withToken(r.serve)
		}
		mux.HandleFunc(r.Method+" "+r.Path, r.serve)
		s.routes = append(s.routes, r)
	}
}

// open are the routes that need no token.
func (s *Server) open() []Route {
	metrics := promhttp.HandlerFor(s.cfg.Gatherer, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: metricsTimeout})
	return []Route{
		{Method: "GET", Path: "/metrics", serve: metrics.ServeHTTP},
		{Method: "GET", Path: "/healthz", serve: func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusOK, map[string]string{"status": "ok"})
		}},
		{Method: "GET", Path: "/readyz", serve: s.ready},
		{Method: "GET", Path: "/version", serve: func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.cfg.Version) }},
	}
}

const api = "/api/v1/"

// nothingThere answers what no route of the API does.
func (s *Server) nothingThere(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != api {
				allowed = append(allowed, method)
			}
		}
		if allowed == nil {
			reply(w, http.StatusNotFound, map[string]string{"error": "there is no such path"})
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		reply(w, http.StatusMethodNotAllowed, map[string]string{"error": "this path takes " + strings.Join(allowed, " or ")})
	}
}

// desk are the routes of the operator's desk.
func (s *Server) desk() []Route {
	d := s.cfg.Desk
	letters := []string{"id", "rule", "group", "member", "limit"}
	routes := []Route{
		{Method: "GET", Path: api + "cases", Token: true, Query: []string{"rule", "group", "member", "since", "until", "outcome", "limit", "parts"}, do: s.cases},
		{Method: "GET", Path: api + "cases/{id}", Token: true, do: func(ctx context.Context, r *request) (any, error) { return d.Case(ctx, r.PathValue("id")) }},
		{Method: "GET", Path: api + "pauses", Token: true, do: func(ctx context.Context, _ *request) (any, error) { return d.Pauses(ctx) }},
		{Method: "POST", Path: api + "pause", Token: true, Body: mediaJSON, do: body(d.Pause)},
		{Method: "POST", Path: api + "resume", Token: true, Body: mediaJSON, do: body(d.Resume)},
		{Method: "POST", Path: api + "undo", Token: true, Body: mediaJSON, do: body(s.undo)},
	}
	for _, shelf := range []struct {
		actions.Shelf
		requeue string
	}{{actions.DeadShelf, "requeue"}, {actions.HeldShelf, "release"}} {
		path := api + string(shelf.Shelf)
		routes = append(routes,
			Route{Method: "GET", Path: path, Token: true, Query: letters, do: func(ctx context.Context, r *request) (any, error) {
				q, err := lettersRequest(r)
				if err != nil {
					return nil, err
				}
				return d.Letters(ctx, shelf.Shelf, q)
			}},
			Route{Method: "POST", Path: path + "/" + shelf.requeue, Token: true, Body: mediaJSON, do: body(func(ctx context.Context, q desk.Selection) (desk.Moved, error) {
				return d.Requeue(ctx, shelf.Shelf, q)
			})},
			Route{Method: "POST", Path: path + "/drop", Token: true, Body: mediaJSON, do: body(func(ctx context.Context, q desk.Selection) (desk.Moved, error) {
				return d.Drop(ctx, shelf.Shelf, q)
			})})
	}
	return routes
}

// rules are the routes about the rules.
func (s *Server) rules() []Route {
	return []Route{
		{Method: "GET", Path: api + "rules", Token: true, do: s.rulesInForce},
		{Method: "GET", Path: api + "rules/source", Token: true, do: s.rulesSource},
		{Method: "POST", Path: api + "rules/check", Token: true, Body: mediaYAML, do: oneAtATime(s.trying, "another check or replay", s.check)},
		{Method: "POST", Path: api + "rules/replay", Token: true, Body: mediaForm, Query: []string{"samples", "as_written", "show_text", "skip_bad"}, do: oneAtATime(s.trying, "another check or replay", s.replay)},
	}
}
