package app

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// reading is what the rulebook remembers for those who ask.
type reading struct {
	text     []byte           // of the rules in force
	at       time.Time        // when they were taken
	problems []policy.Problem // of the last attempt, taken or not
}

// operatorsRules lets an operator look at the rules, and try others, without changing anything. It
// implements admin.Rules.
type operatorsRules struct{ book *rulebook }

// InForce implements admin.Rules.
func (o operatorsRules) InForce() admin.RulesInForce {
	o.book.mu.Lock()
	defer o.book.mu.Unlock()
	rules := o.book.rules()
	return admin.RulesInForce{
		Rules: rules, File: o.book.path, At: o.book.last.at, Text: o.book.last.text, Refused: o.book.bad != "",
		Problems: slices.Clone(o.book.last.problems),
	}
}

// file is a rules file with this text in the place of the one in force. It can read the list files of the
// latter and no others. Once the context ends, it is read no further.
func (o operatorsRules) file(ctx context.Context, text []byte) *rulesFile {
	f := newRulesFile(o.book.path, versions{})
	f.stop = ctx.Err
	f.data[f.path] = text
	f.only = append([]string{}, o.book.rules().Files()...)
	return f
}

// Check implements admin.Rules.
func (o operatorsRules) Check(ctx context.Context, text []byte) (*policy.Rules, []policy.Problem) {
	rules, problems := o.file(ctx, text).tested(ctx)
	for i := range problems {
		if problems[i].File != o.book.path { // a list file, which is named from the rules file's folder
			problems[i].File = filepath.Join(filepath.Dir(o.book.path), filepath.FromSlash(problems[i].File))
		}
	}
	return rules, problems
}

// Replay implements admin.Rules.
func (o operatorsRules) Replay(ctx context.Context, text []byte, events io.Reader, q admin.ReplayRequest) (*trial.Report, []policy.Problem, error) {
	if text == nil {
		text = o.InForce().Text
	}
	f := o.file(ctx, text)
	f.rehearse = !q.AsWritten
	rules, problems := f.load(false)
	if rules == nil {
		return nil, problems, nil
	}
	report, err := trial.Replay(ctx, trial.NewReader(events, "events"), trial.ReplayConfig{
		Rules: rules, Samples: q.Samples, ShowText: q.ShowText, SkipBad: q.SkipBad, Rehearsed: f.rehearse,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("replaying: %w", err)
	}
	return report, nil, nil
}
