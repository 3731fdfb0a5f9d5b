package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// reply is an answer before it is written.
type reply struct {
	status int
	header map[string]string
	body   []byte
	code   string // for the history
	slow   bool   // one byte a second
	cut    bool
}

// errBody is returned by readBody for a body that is too large or that broke off.
var errBody = errors.New("body over 1 MiB, or broken off")

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errBody
	}
	return b, nil
}

func jsonReply(status int, code string, v any) reply {
	b, err := json.Marshal(v)
	if err != nil { // only values of this package come here, none of which can fail
		panic(fmt.Sprintf("sim: encoding an answer: %v", err))
	}
	return reply{status: status, code: code, body: b}
}

// answer carries a call out, strikes it with a fault when there is one, records and answers it.
// do takes effect; with partial only for the first half of the members.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c *Call, do func(partial bool) reply) {
	f := s.script.next(c.API)
	var rep reply
	if f == nil {
		rep = do(false)
	} else {
		rep = s.strike(r.Context(), f, c, do)
	}
	c.Status, c.Code = rep.status, rep.code
	s.history.add(*c)
	if rep.cut {
		panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
	}
	for k, v := range rep.header {
		w.Header().Set(k, v)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(rep.status)
	if rep.slow {
		s.drip(r.Context(), w, rep.body)
		return
	}
	_, _ = w.Write(rep.body) // the client may have gone, which is its own affair
}

// strike carries a call out under a fault.
func (s *Server) strike(ctx context.Context, f *Fault, c *Call, do func(partial bool) reply) reply {
	c.Fault, c.struck = true, f
	ctx, stop := s.either(ctx)
	defer stop()
	gone := reply{cut: true, code: "fault"}
	if !f.Late && sleep(ctx, f.Delay) != nil {
		return gone
	}
	var rep reply
	if f.Late || !f.replaces() {
		rep = do(f.Partial)
	}
	if f.Late && sleep(ctx, f.Delay) != nil {
		return gone
	}
	if f.replaces() {
		rep = f.distort(c.Provider, rep)
	}
	rep.slow = f.Body == BodySlow
	return rep
}

// distort puts the fault's answer in place of the true one.
func (f *Fault) distort(p Provider, truth reply) reply {
	rep := reply{status: f.Status, code: "fault", header: map[string]string{}}
	switch {
	case f.Cut:
		return reply{cut: true, code: "fault"}
	case f.Redirect != "":
		fill(&rep.status, http.StatusTemporaryRedirect)
		rep.header["Location"] = f.Redirect
	case f.Body == BodyHTML:
		fill(&rep.status, http.StatusOK)
		rep.header["Content-Type"] = "text/html"
		rep.body = []byte("<html><head><title>502 Bad Gateway</title></head><body>simulated proxy</body></html>")
	case f.Body == BodyHuge:
		fill(&rep.status, http.StatusOK)
		rep.body = []byte(`{"padding":"` + strings.Repeat("x", 8<<20) + `"}`)
	case f.Body != "" && f.Body != BodySlow:
		fill(&rep.status, http.StatusOK)
		rep.body = []byte(f.Body)
	case f.Code != nil:
		return f.refusal(p)
	case len(truth.body) > 0 && f.Status < 400:
		truth.status = f.Status
		return truth
	}
	return rep
}

// refusal is the answer with the fault's Code, in the provider's form.
func (f *Fault) refusal(p Provider) reply {
	if n, ok := f.Code.(int); ok && p == Tencent {
		rep := tencentFail(n, "simulated fault")
		if f.Status != 0 {
			rep.status = f.Status
		}
		return rep
	}
	code := fmt.Sprint(f.Code)
	status := f.Status
	fill(&status, http.StatusBadRequest)
	rep := gatewayFail(status, code, "Simulated fault.")
	if f.CAMS != nil && f.CAMS.TimeLeft > 0 {
		rep.header = limits(0, int64(f.CAMS.TimeLeft))
	}
	return rep
}

// drip writes one byte a second until the client or the server has gone.
func (s *Server) drip(ctx context.Context, w http.ResponseWriter, body []byte) {
	ctx, stop := s.either(ctx)
	defer stop()
	out := http.NewResponseController(w)
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil || out.Flush() != nil {
			return
		}
		if sleep(ctx, time.Second) != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// either returns a context that ends with the request or with the server.
func (s *Server) either(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { unhook(); cancel() }
}
