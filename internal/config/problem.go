package config

import "strings"

// Problem is one thing wrong with the settings.
type Problem struct {
	Warning bool   // the bot can start all the same
	Name    string // the setting's variable; empty when a whole file is at fault
	Where   string // the source that holds it: a flag, a variable, or file:line:column
	Text    string // what is wrong, without secrets
	Hint    string // what to do about it; may be empty
}

// String returns the problem as one line: "error: BOT_LISTEN (flag --listen): ... (hint)".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString("error: ")
	if p.Warning {
		b.Reset()
		b.WriteString("warning: ")
	}
	switch {
	case p.Name == "":
		b.WriteString(p.Where)
	case p.Where == "" || p.Where == p.Name:
		b.WriteString(p.Name)
	default:
		b.WriteString(p.Name + " (" + p.Where + ")")
	}
	b.WriteString(": " + p.Text)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Failed tells whether one of the problems keeps the bot from starting.
func Failed(problems []Problem) bool {
	for _, p := range problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// fault is what a parser says about one value: no name and no place, which the caller knows.
type fault struct{ text, hint string }

func (f *fault) Error() string { return f.text }
