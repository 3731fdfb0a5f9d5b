package policy

import (
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// alert tells the operator, and touches nobody.
type alert struct{ severity string }

func severities() []string { return []string{"info", "warning", "critical"} }

// severity ranks a severity's name.
func severity(name string) int { return slices.Index(severities(), name) }

func (l *loader) readAlert(n *yaml.Node) intent {
	a := &alert{severity: "warning"}
	l.mapping(n, "alert", l.alertKeys(a))
	return a
}

// alertKeys are the keys of alert.
func (l *loader) alertKeys(a *alert) []field {
	return []field{
		{name: "severity", is: word(severities()...), doc: "How urgent it is; warning unless it is given.",
			read: func(_, v *yaml.Node) { a.severity = l.choice(v, "severity", severities()...) }},
	}
}

func (a *alert) make(*chat.Event, *filling) chat.Intent {
	return chat.Intent{Kind: chat.Alert, Severity: a.severity}
}

func (a *alert) effect(venue) (string, bool) { return "log, metric and audit", true }
