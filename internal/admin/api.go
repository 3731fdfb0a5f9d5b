package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/policy"
)

const (
	maxBody    = 64 << 10         // bytes of a request in JSON
	apiTimeout = 25 * time.Second // of a request's work; the server cuts the answer off after 30
)

// request is one request of the API, whose parameters have been looked at.
type request struct {
	*http.Request
	query *parameters
	w     http.ResponseWriter // for deadlines only
	what  []any               // for the log: what was asked
}

// fault is an error that a request is to blame for, with the status that says so.
type fault struct {
	status   int
	text     string
	problems []policy.Problem // where they are, of rules and events
}

func (f *fault) Error() string { return f.text }

func refused(status int, format string, args ...any) *fault {
	return &fault{status: status, text: fmt.Sprintf(format, args...)}
}

// verbatim is an answer that is not JSON.
type verbatim struct {
	media string
	data  []byte
}

// answer returns the handler of a route: what it may carry is checked, and what it returns is written,
// or its error with the status that fits.
func (s *Server) answer(route Route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
		defer cancel()
		req := &request{Request: r, w: w}
		out, err := s.work(ctx, route, req)
		if r.Method == http.MethodPost {
			s.note(req, out, err)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if v, ok := out.(verbatim); ok {
			w.Header().Set("Content-Type", v.media)
			_, _ = w.Write(v.data) // the reader went away: nobody is left to tell
			return
		}
		reply(w, http.StatusOK, out)
	}
}

func (s *Server) work(ctx context.Context, route Route, r *request) (any, error) {
	if route.Body != "" {
		media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || media != route.Body {
			return nil, refused(http.StatusUnsupportedMediaType, "the request must have Content-Type: %s", route.Body)
		}
	}
	var err error
	if r.query, err = newParameters(r.Request, route.Query); err != nil {
		return nil, err
	}
	return route.do(ctx, r)
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var ours *fault
	var theirs *desk.Error
	switch {
	case errors.As(err, &ours):
		if ours.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		said := map[string]any{"error": ours.text}
		if ours.problems != nil {
			said["problems"] = ours.problems
		}
		reply(w, ours.status, said)
	case errors.As(err, &theirs):
		reply(w, statusOf(theirs.Kind), map[string]string{"error": theirs.Text})
	default:
		s.cfg.Log.Error("operator", "request", r.URL.Path, "err", err)
		reply(w, http.StatusServiceUnavailable, map[string]string{"error": "the store does not answer, or could not do it: see bot doctor, and the bot's log"})
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

// oneAtATime lets one request that shares the turn through: what it does wants a processor or a
// provider's calls. The examination has a turn of its own, since a bot that is busy is worth looking at.
func oneAtATime(turn chan struct{}, other string, do func(context.Context, *request) (any, error)) func(context.Context, *request) (any, error) {
	return func(ctx context.Context, r *request) (any, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
			return do(ctx, r)
		default:
			return nil, refused(http.StatusTooManyRequests, "%s is under way: ask again when it is over", other)
		}
	}
}

// readAll reads a body of at most most bytes.
func readAll(in io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, refused(http.StatusBadRequest, "the request was cut off")
	}
	if int64(len(data)) > most {
		return nil, refused(http.StatusRequestEntityTooLarge, "the request is over %d KiB", most>>10)
	}
	return data, nil
}

// mistake says what is wrong with a JSON document. What Go says of a time is about Go.
func mistake(err error) string {
	var bad *time.ParseError
	if errors.As(err, &bad) || strings.Contains(err.Error(), "Time.UnmarshalJSON") {
		return "a time is not one " + aTime
	}
	return err.Error()
}

// body returns a handler that reads one JSON document.
func body[Q, A any](do func(context.Context, Q) (A, error)) func(context.Context, *request) (any, error) {
	return func(ctx context.Context, r *request) (any, error) {
		data, err := readAll(r.Body, maxBody)
		if err != nil {
			return nil, err
		}
		var q Q
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			return nil, refused(http.StatusBadRequest, "the request is not the JSON that is expected: %s", mistake(err))
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return nil, refused(http.StatusBadRequest, "something stands behind the JSON of the request")
		}
		r.what = whatOf(q)
		return do(ctx, q)
	}
}
