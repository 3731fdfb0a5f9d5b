package app

import (
	"github.com/groupguard/groupguard/internal/admin"
	"github.com/groupguard/groupguard/internal/desk"
)

// addAdmin builds the operator's side.
func (a *App) addAdmin() {
	a.desk = desk.New(a.deskConfig())
	a.admin = admin.New(admin.Config{
		Token: a.cfg.AdminToken.Reveal(), Version: map[string]string{"version": a.options.Version},
		Gatherer: a.registry, Ready: a.notReady, Degraded: a.degraded, Log: a.log,
		Desk: a.desk, Rules: operatorsRules{a.rules}, Reload: a.rules.reload, Spool: a.listSpool, Doctor: a.examine,
	})
}
