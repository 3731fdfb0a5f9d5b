package app

import "github.com/groupguard/groupguard/internal/heartbeat"

// HeartLines returns the ways that the bot's own beats go.
func (a *App) HeartLines() []heartbeat.Line { return heartLines(a) }
