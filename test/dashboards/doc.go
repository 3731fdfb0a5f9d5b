// Package dashboards proves what Grafana and Prometheus are given in deploy/: that the dashboards have
// the shape that Grafana's own types ask for, that their queries and the alerts' expressions find series
// of a running bot, and that every alert fires when it should and has a section in docs/runbooks.md. It
// has tests only, since they need tools and packages that the bot does not.
package dashboards
