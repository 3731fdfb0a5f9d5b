package admin

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// Rules are the rules of a running bot. Looking at them and trying others changes nothing.
type Rules interface {
	InForce() RulesInForce
	// Check compiles a rules file and runs its tests. Without errors the rules are not nil. List files are
	// those of the rules in force.
	Check(ctx context.Context, text []byte) (*policy.Rules, []policy.Problem)
	// Replay judges recorded events by a rules file, nil: by the one in force. Problems with an error say
	// why the file is refused.
	Replay(ctx context.Context, text []byte, events io.Reader, q ReplayRequest) (*trial.Report, []policy.Problem, error)
}

// RulesInForce are the rules in force, and what became of the last attempt to replace them.
type RulesInForce struct {
	Rules    *policy.Rules
	File     string
	Text     []byte // as it was read
	At       time.Time
	Refused  bool             // the last reading was refused, and these stay
	Problems []policy.Problem // of the last reading
}

// RulesList is the answer to GET rules.
type RulesList struct {
	Hash     string           `json:"hash"`
	File     string           `json:"file"`
	At       time.Time        `json:"loaded_at,omitzero"`
	Lists    []string         `json:"list_files"`
	Refused  bool             `json:"reload_refused"`
	Problems []policy.Problem `json:"problems"` // of the last reading
	Rules    []RuleRow        `json:"rules"`
	Paused   []chat.Pause     `json:"paused"` // what stops every rule
}

// RuleRow is one rule of a RulesList.
type RuleRow struct {
	ID        chat.RuleID     `json:"id"`
	Title     string          `json:"title,omitempty"`
	Mode      string          `json:"mode"`
	On        []chat.Kind     `json:"on"`
	Providers []chat.Provider `json:"providers"` // none: all
	Line      int             `json:"line"`
	Paused    []chat.Pause    `json:"paused"` // what stops this rule
}

func (s *Server) rulesInForce(ctx context.Context, _ *request) (any, error) {
	var pauses []chat.Pause
	if s.cfg.Desk != nil {
		list, err := s.cfg.Desk.Pauses(ctx)
		if err != nil {
			return nil, err
		}
		pauses = list.Pauses
	}
	return ListRules(s.cfg.Rules.InForce(), pauses), nil
}

// ListRules sums rules up, each with the pauses that stop it.
func ListRules(now RulesInForce, pauses []chat.Pause) RulesList {
	byRule := map[chat.RuleID][]chat.Pause{}
	for _, p := range pauses {
		byRule[p.Rule] = append(byRule[p.Rule], p)
	}
	out := RulesList{
		Hash: now.Rules.Hash(), File: now.File, At: now.At.UTC(), Lists: notNil(now.Rules.Files()), Refused: now.Refused,
		Problems: notNil(now.Problems), Rules: []RuleRow{}, Paused: notNil(byRule[""]),
	}
	providers := now.Rules.Providers()
	for _, info := range now.Rules.Infos() {
		out.Rules = append(out.Rules, RuleRow{
			ID: info.ID, Title: info.Title, Mode: info.Mode, On: notNil(info.On), Providers: notNil(providers[info.ID]), Line: info.Line,
			Paused: notNil(byRule[info.ID]),
		})
	}
	return out
}

// notNil makes an empty list of none: JSON tells them apart.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (s *Server) rulesSource(_ context.Context, r *request) (any, error) {
	now := s.cfg.Rules.InForce()
	r.w.Header().Set("ETag", `"`+now.Rules.Hash()+`"`)
	return verbatim{mediaYAML + "; charset=utf-8", now.Text}, nil
}

// Checked is what a check of rules found, as bot check --format json prints it.
type Checked struct {
	File     string            `json:"file"`
	Hash     string            `json:"hash,omitempty"` // of the rules; empty when the file is refused
	Problems []policy.Problem  `json:"problems"`
	Rules    []policy.RuleInfo `json:"rules"` // none when the file is refused
	Counts   Counts            `json:"counts"`
}

// Counts are how many there are.
type Counts struct {
	Rules    int `json:"rules"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

// bodyTimeout is how long a body of rules or events may take to arrive.
const bodyTimeout = 10 * time.Second

// patient gives a large body more time than other requests have.
func (r *request) patient() {
	_ = http.NewResponseController(r.w).SetReadDeadline(time.Now().Add(bodyTimeout)) // a server without deadlines needs none
}

func (s *Server) check(ctx context.Context, r *request) (any, error) {
	r.patient()
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	text, err := readAll(r.Body, policy.MaxFile)
	if err != nil {
		return nil, err
	}
	rules, problems := s.cfg.Rules.Check(ctx, text)
	out := Checked{File: s.cfg.Rules.InForce().File, Problems: notNil(problems), Rules: []policy.RuleInfo{}}
	for _, p := range problems {
		switch p.Severity {
		case policy.SeverityError:
			out.Counts.Errors++
		case policy.SeverityWarning:
			out.Counts.Warnings++
		default:
			out.Counts.Notes++
		}
	}
	if rules != nil {
		out.Rules, out.Hash = rules.Infos(), rules.Hash()
		out.Counts.Rules = len(out.Rules)
	}
	return out, nil
}
