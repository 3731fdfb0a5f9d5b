package policy

import (
	"os"
	"testing"
	"time"
)

func TestShippedRulesLoad(t *testing.T) {
	data, err := os.ReadFile("../../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, problems := Load(Source{Name: "rules.yaml", Data: data}, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	for _, p := range problems {
		if p.Severity != SeverityNote {
			t.Errorf("%s", p)
		} else {
			t.Log(p)
		}
	}
	if rules == nil || len(rules.Infos()) != 8 {
		t.Fatalf("want 8 rules, have %v", rules)
	}
}
