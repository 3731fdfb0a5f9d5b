package admin

import (
	"log/slog"

	"github.com/groupguard/groupguard/internal/desk"
)

// maxNoted bounds what the log repeats of a person's input, in bytes.
const maxNoted = 128

// note logs what somebody asked for and how much came of it. It names no member: who was meant can be
// seen in the cases.
func (s *Server) note(r *request, out any, err error) {
	args := []any{"request", r.URL.Path, "from", r.RemoteAddr, "done", err == nil}
	args = append(args, r.what...)
	if err != nil {
		s.cfg.Log.Warn("operator", append(args, "refused", statusOfError(err))...)
		return
	}
	s.cfg.Log.Info("operator", append(args, muchOf(out)...)...)
}

// statusOfError names an error by its kind: its text may repeat what was sent.
func statusOfError(err error) string {
	switch e := err.(type) { //nolint:errorlint // these are returned as they are
	case *fault:
		return clip(e.text)
	case *desk.Error:
		return string(e.Kind)
	}
	return "see the log"
}

// whatOf returns what a request is about.
func whatOf(q any) []any {
	var out []any
	add := func(name, value string) {
		if value != "" {
			out = append(out, name, clip(value))
		}
	}
	switch q := q.(type) {
	case desk.Selection:
		add("rule", string(q.Rule))
		add("group", q.Group)
		out = append(out, "ids", len(q.IDs), "one_member", q.Member != "", "all", q.All)
	case desk.PauseRequest:
		add("rule", string(q.Rule))
		add("group", q.Group)
		out = append(out, "everything", q.Rule == "")
	case desk.ResumeRequest:
		add("rule", string(q.Rule))
		add("group", q.Group)
		out = append(out, "all", q.All)
	case undoRequest:
		add("case", q.Case)
		add("rule", string(q.Rule))
		out = append(out, slog.Time("since", q.Since), slog.Time("until", q.Until))
	}
	return out
}

// muchOf returns how much was done.
func muchOf(a any) []any {
	switch a := a.(type) {
	case desk.Moved:
		return []any{"letters", a.Letters, "moved", a.Done}
	case desk.Paused:
		return []any{"already", a.Already}
	case desk.Resumed:
		return []any{"lifted", len(a.Lifted), "dropped", len(a.Dropped), "still_held", a.Held}
	case desk.Undone:
		return []any{"preview", a.Preview, "found", a.Found, "undone", a.Undone}
	case reloaded:
		return []any{"hash", a.Hash}
	}
	return nil
}

func clip(s string) string {
	if len(s) > maxNoted {
		return s[:maxNoted] + "…"
	}
	return s
}
