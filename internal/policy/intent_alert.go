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
	l.mapping(n, "alert", []field{
		{name: "severity", read: func(_, v *yaml.Node) { a.severity = l.choice(v, "severity", severities()...) }},
	})
	return a
}

func (a *alert) make(*chat.Event, *filling) chat.Intent {
	return chat.Intent{Kind: chat.Alert, Severity: a.severity}
}

func (a *alert) effect(venue) (string, bool) { return "log, metric and audit", true }
