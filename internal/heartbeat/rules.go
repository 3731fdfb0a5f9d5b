package heartbeat

import (
	_ "embed"
	"fmt"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
)

//go:embed rules.yaml
var source []byte

// text is what a beat says. The rules look for its words and count its links.
const text = "groupguard heartbeat https://heartbeat.invalid/systole https://heartbeat.invalid/diastole"

// Rules returns the rules that beats are judged by, and nothing else is.
func Rules() (*policy.Rules, error) {
	rules, problems := policy.Load(policy.Source{Name: "heartbeat", Data: source}, time.Time{})
	if rules == nil {
		return nil, fmt.Errorf("loading the rules of the heartbeat: %v", problems)
	}
	return rules, nil
}
