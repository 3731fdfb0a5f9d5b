package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/app"
	"github.com/groupguard/groupguard/internal/chat"
)

// rulesCmd is bot rules.
type rulesCmd struct {
	deskFlags
	Rules *string `placeholder:"FILE" help:"Rules file to list, whether a bot runs or not. [BOT_RULES]"`
}

// run lists the rules that a running bot has in force, or those of the file.
func (c *rulesCmd) run(ctx context.Context, p process) error {
	list, running, err := c.list(ctx, p)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(p, list)
	}
	t := table{head: []string{"RULE", "MODE", "ON", "PROVIDERS", "PAUSED", "TITLE"}}
	for _, r := range list.Rules {
		t.add(string(r.ID), r.Mode, words(r.On, ""), words(r.Providers, "all"), paused(append(r.Paused, list.Paused...), running), r.Title)
	}
	t.print(p.stdout, widthOf(p))
	from := "not in force anywhere as far as is known"
	if running {
		from = "in force since " + local(list.At)
	}
	fmt.Fprintf(p.stdout, "\n%s: %s, hash %s, %s.\n", plain(list.File), count(len(list.Rules), "rule"), list.Hash, from)
	if list.Refused {
		fmt.Fprintf(p.stdout, "The file was read again and refused, these rules stay in force: bot check %s says why.\n", plain(list.File))
	}
	return nil
}

// list asks the running bot, and reads the file when there is none or when one is named.
func (c *rulesCmd) list(ctx context.Context, p process) (list admin.RulesList, running bool, err error) {
	var r *remote
	if c.Rules == nil {
		if r, err = c.running(ctx, p); err != nil {
			return list, false, err
		}
	}
	if r != nil {
		list, err = askFor[admin.RulesList](ctx, r, http.MethodGet, "rules", nil)
		return list, true, err
	}
	cfg, err := c.settings(p)
	if err != nil {
		return list, false, err
	}
	if c.Rules != nil {
		cfg.Rules = *c.Rules
	}
	rules, problems := app.LoadRules(cfg.Rules)
	if rules == nil {
		return list, false, refused(cfg.Rules, problems, p)
	}
	return admin.ListRules(admin.RulesInForce{Rules: rules, File: cfg.Rules, Problems: problems}, nil), false, nil
}

// words writes a list, or what stands for none.
func words[T ~string](list []T, none string) string {
	if len(list) == 0 {
		return none
	}
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return strings.Join(out, ", ")
}

// paused says where a rule is paused.
func paused(pauses []chat.Pause, known bool) string {
	var groups []string
	for _, p := range pauses {
		if p.Group == nil {
			return "everywhere"
		}
		groups = append(groups, groupName(*p.Group))
	}
	switch {
	case !known:
		return "?"
	case len(groups) > 2:
		return count(len(groups), "group")
	}
	return words(groups, "no")
}

// rulesFile is the file that a command about rules reads: the one that is named, or the one that bot run would read
// in this shell.
func rulesFile(named string, p process) string {
	return cmp.Or(named, value(p.env, "BOT_RULES"), "rules.yaml")
}
