package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/desk"
)

// Nobody is told to undo what never happened.
func TestOnlyWhatWasDoneCanBeUndone(t *testing.T) {
	row := func(states ...string) (r desk.Row) {
		for _, s := range states {
			r.Actions = append(r.Actions, desk.ActionState{Kind: "remove", State: s})
		}
		return r
	}
	for name, test := range map[string]struct {
		view desk.CaseView
		want bool
	}{
		"done":                        {desk.CaseView{Row: row(string(actions.Done))}, true},
		"waiting":                     {desk.CaseView{Row: row(desk.Pending)}, true},
		"held":                        {desk.CaseView{Row: row(string(actions.Held))}, true},
		"given up":                    {desk.CaseView{Row: row(string(actions.Dead))}, true},
		"spared, and a part was done": {desk.CaseView{Row: row(string(actions.Spared)), Parts: []desk.Row{row(string(actions.Done))}}, true},
		"more parts than are shown":   {desk.CaseView{MoreParts: true}, true},
		"one of two":                  {desk.CaseView{Row: row(string(actions.Spared), string(actions.Done))}, true},
		"spared":                      {desk.CaseView{Row: row(string(actions.Spared))}, false},
		"deduplicated":                {desk.CaseView{Row: row(desk.Deduplicated)}, false},
		"a dry run":                   {desk.CaseView{Row: row(string(actions.DryRun))}, false},
		"dropped from a shelf":        {desk.CaseView{Row: row(desk.Dropped)}, false},
		"no action":                   {desk.CaseView{}, false},
		"undone":                      {desk.CaseView{Row: row(string(actions.Done)), Undone: []desk.Row{row()}}, false},
	} {
		var out bytes.Buffer
		test.view.Code, test.view.Remedy = "XE1K8FFZ", "    unless: []\n"
		showCase(&counter{process: process{stdout: &out}}, &test.view)
		if got := strings.Contains(out.String(), "If this should not have happened: bot undo XE1K8FFZ\n"); got != test.want {
			t.Errorf("%s: %v, want %v\n%s", name, got, test.want, out.String())
		}
	}
}
