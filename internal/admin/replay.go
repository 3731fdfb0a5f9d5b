package admin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
	"github.com/groupguard/groupguard/internal/trial"
)

// Bounds of a replay. bot replay has none of these.
const (
	maxEvents     = 32 << 20 // bytes
	maxEventLines = 100_000
	trialTimeout  = bodyTimeout - time.Second // of a check too
)

// ReplayRequest says how events are replayed; see the flags of bot replay.
type ReplayRequest struct {
	Samples                      int
	AsWritten, ShowText, SkipBad bool
}

// errTooMuch ends the reading of events that are over the bounds.
var errTooMuch = errors.New("too many events")

// replay judges recorded events. They are read as they come, and not kept.
func (s *Server) replay(ctx context.Context, r *request) (any, error) {
	p := r.query
	q := ReplayRequest{Samples: p.number("samples", 3), AsWritten: p.yes("as_written"), ShowText: p.yes("show_text"), SkipBad: p.yes("skip_bad")}
	if p.err == nil && (q.Samples < 0 || q.Samples > 1000) {
		p.fail("samples", "is not 0 to 1000")
	}
	if p.err != nil {
		return nil, p.err
	}
	r.patient()
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, refused(http.StatusBadRequest, "the request is not the form that is expected: %s", err)
	}
	rules, events, err := partsOf(parts)
	if err != nil {
		return nil, err
	}
	in := &bounded{in: events, bytes: maxEvents, lines: maxEventLines}
	report, problems, err := s.cfg.Rules.Replay(ctx, rules, in, q)
	switch {
	case errors.Is(err, errTooMuch):
		return nil, refused(http.StatusRequestEntityTooLarge, "the events are over %d MiB or %d lines: bot replay takes any number", maxEvents>>20, maxEventLines)
	case err != nil:
		return nil, refused(http.StatusBadRequest, "the events could not be read: the request was cut off")
	case report == nil:
		f := refused(http.StatusUnprocessableEntity, "the rules are refused")
		f.problems = onlyErrors(problems)
		return nil, f
	case report.Events.Bad > 0 && !q.SkipBad:
		f := refused(http.StatusUnprocessableEntity, "%d lines are no events (skip_bad=true passes over them)", report.Events.Bad)
		f.problems = notNil(places(report.Bad))
		return nil, f
	}
	if !report.Interrupted {
		if err := nothingMore(parts); err != nil {
			return nil, err
		}
	}
	return report, nil
}

// partsOf reads the form up to the events: first the rules, which may be left out, then the events.
func partsOf(parts *multipart.Reader) (rules []byte, events io.Reader, err error) {
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil, refused(http.StatusBadRequest, `the form has no part "events"`)
		case err != nil:
			return nil, nil, refused(http.StatusBadRequest, "the request was cut off, or is no form")
		case part.FormName() == "events":
			return rules, part, nil
		case part.FormName() == "rules" && rules == nil:
			if rules, err = readAll(part, policy.MaxFile); err != nil {
				return nil, nil, err
			}
			rules = append([]byte{}, rules...) // an empty file is a file
		default:
			return nil, nil, refused(http.StatusBadRequest, `the form has a part %q: it takes "rules" once, and then "events"`, part.FormName())
		}
	}
}

// nothingMore refuses what stands behind the events: rules there would not have been looked at.
func nothingMore(parts *multipart.Reader) error {
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		return refused(http.StatusBadRequest, `nothing may stand behind the part "events" of the form`)
	}
	return nil
}

func onlyErrors(problems []policy.Problem) []policy.Problem {
	out := []policy.Problem{}
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			out = append(out, p)
		}
	}
	return out
}

func places(bad []*trial.BadEvent) (out []policy.Problem) {
	for _, b := range bad {
		out = append(out, policy.Problem{File: b.File, Line: b.Line, Column: b.Column, Severity: policy.SeverityError, Text: b.Text})
	}
	return out
}

// bounded is a reader that fails beyond a number of bytes or lines.
type bounded struct {
	in           io.Reader
	bytes, lines int // that are left
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	b.bytes -= n
	b.lines -= bytes.Count(p[:n], []byte("\n"))
	if b.bytes < 0 || b.lines < 0 {
		return 0, errTooMuch
	}
	return n, err
}
