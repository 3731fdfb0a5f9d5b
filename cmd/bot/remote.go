package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/desk"
	"github.com/groupguard/groupguard/internal/policy"
)

const (
	remoteTimeout = 35 * time.Second // of one request: the bot gives up after 30
	knockTimeout  = time.Second
	maxAnswer     = 64 << 20 // bytes
)

// remote is the desk of a running bot, by its admin port.
type remote struct {
	base, token string
	client      *http.Client
}

// newRemote takes an address as --addr or BOT_ADMIN_LISTEN give it: host and port, or a URL.
func newRemote(addr, token string) (*remote, error) {
	base := addr
	if !strings.Contains(base, "://") {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, &failure{code: exitUsage, err: errors.New("--addr is not HOST:PORT or a URL without a password")}
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1" // it listens on every address
		}
		base = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, &failure{code: exitUsage, err: errors.New("--addr is not HOST:PORT or a URL without a password")}
	}
	// The token goes to that address and nowhere else: a redirect is an error.
	return &remote{strings.TrimSuffix(base, "/"), token, &http.Client{
		Timeout: remoteTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// answers tells whether a bot is there.
func (r *remote) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, knockTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/version", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// ask makes one request of the API and reads the answer into out.
func (r *remote) ask(ctx context.Context, method, path string, q, out any) error {
	var body io.Reader = http.NoBody
	if q != nil {
		data, err := json.Marshal(q)
		if err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+"/api/v1/"+path, body)
	if err != nil {
		return fmt.Errorf("asking the bot: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return r.unreached(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the bot's answer: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(data, out); err != nil {
			return fmt.Errorf("reading the bot's answer: %w", err)
		}
		return nil
	}
	if resp.StatusCode == http.StatusNotFound && !r.answers(ctx) {
		return r.stranger(resp.StatusCode) // such as the port of webhooks
	}
	return r.refusal(resp.StatusCode, data)
}

// stranger says that what answers is not the admin port of a bot.
func (r *remote) stranger(status int) error {
	return fmt.Errorf("%s answers with status %d and is no bot (is that its BOT_ADMIN_LISTEN?)", r.base, status)
}

// askFor is ask with the answer as its result.
func askFor[A any](ctx context.Context, r *remote, method, path string, q any) (A, error) {
	var out A
	err := r.ask(ctx, method, path, q, &out)
	return out, err
}

// unreached says what to look at when a bot does not answer.
func (r *remote) unreached(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // the address is said once
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("asking the bot at %s: %w", r.base, err)
	}
	return fmt.Errorf("asking the bot at %s: %w (does it run, and is that its BOT_ADMIN_LISTEN?)", r.base, err)
}

// refusal turns an answer that is not 200 into an error.
func (r *remote) refusal(status int, data []byte) error {
	var said struct {
		Error    string           `json:"error"`
		Problems []policy.Problem `json:"problems"`
	}
	if json.Unmarshal(data, &said) != nil || said.Error == "" {
		if status == http.StatusNotFound {
			return fmt.Errorf("the bot at %s has no operator's API: is BOT_ADMIN_TOKEN set for it?", r.base)
		}
		return fmt.Errorf("%s answered with status %d", r.base, status)
	}
	switch status {
	case http.StatusNotFound:
		return &desk.Error{Kind: desk.NotFound, Text: said.Error}
	case http.StatusConflict:
		return &desk.Error{Kind: desk.Refused, Text: said.Error}
	case http.StatusBadRequest:
		return &desk.Error{Kind: desk.Mistaken, Text: said.Error}
	case http.StatusUnprocessableEntity:
		return &rulesRefused{said.Error, said.Problems}
	case http.StatusUnauthorized:
		return fmt.Errorf("the bot at %s does not take the token (BOT_ADMIN_TOKEN)", r.base)
	}
	return errors.New("the bot at " + r.base + ": " + said.Error)
}

// query writes the parameters that are given.
func query(pairs map[string]string, ids ...string) string {
	v := url.Values{}
	if len(ids) > 0 {
		v["id"] = ids
	}
	for name, value := range pairs {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func timeParameter(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func numberParameter(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (r *remote) Cases(ctx context.Context, q desk.CasesRequest) (desk.CasesList, error) {
	pairs := map[string]string{
		"rule": string(q.Rule), "group": q.Group, "member": q.Member, "outcome": q.Outcome,
		"since": timeParameter(q.Since), "until": timeParameter(q.Until), "limit": numberParameter(q.Limit),
	}
	if q.Parts {
		pairs["parts"] = "true"
	}
	return askFor[desk.CasesList](ctx, r, http.MethodGet, "cases"+query(pairs), nil)
}

func (r *remote) Case(ctx context.Context, name string) (desk.CaseView, error) {
	return askFor[desk.CaseView](ctx, r, http.MethodGet, "cases/"+url.PathEscape(name), nil)
}

func (r *remote) Letters(ctx context.Context, shelf actions.Shelf, q desk.LettersRequest) (desk.LettersList, error) {
	pairs := map[string]string{"rule": string(q.Rule), "group": q.Group, "member": q.Member, "limit": numberParameter(q.Limit)}
	return askFor[desk.LettersList](ctx, r, http.MethodGet, string(shelf)+query(pairs, q.IDs...), nil)
}

func (r *remote) Requeue(ctx context.Context, shelf actions.Shelf, s desk.Selection) (desk.Moved, error) {
	path := "dead/requeue"
	if shelf == actions.HeldShelf {
		path = "held/release"
	}
	return askFor[desk.Moved](ctx, r, http.MethodPost, path, s)
}

func (r *remote) Drop(ctx context.Context, shelf actions.Shelf, s desk.Selection) (desk.Moved, error) {
	return askFor[desk.Moved](ctx, r, http.MethodPost, string(shelf)+"/drop", s)
}

func (r *remote) Pauses(ctx context.Context) (desk.PausesList, error) {
	return askFor[desk.PausesList](ctx, r, http.MethodGet, "pauses", nil)
}

func (r *remote) Pause(ctx context.Context, q desk.PauseRequest) (desk.Paused, error) {
	return askFor[desk.Paused](ctx, r, http.MethodPost, "pause", q)
}

func (r *remote) Resume(ctx context.Context, q desk.ResumeRequest) (desk.Resumed, error) {
	return askFor[desk.Resumed](ctx, r, http.MethodPost, "resume", q)
}

func (r *remote) Undo(ctx context.Context, q desk.UndoRequest) (desk.Undone, error) {
	return askFor[desk.Undone](ctx, r, http.MethodPost, "undo", q)
}
