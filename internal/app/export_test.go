package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// Registry is where all parts register their metrics.
func (a *App) Registry() *prometheus.Registry { return a.registry }

// Webhooks is what stands behind the webhook port.
func (a *App) Webhooks() http.Handler { return a.webhooks }

// Spooled is how many events wait on disk.
func (a *App) Spooled() int64 { return a.disk.Depth().Entries }
