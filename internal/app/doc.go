// Package app builds the service from its parts, starts it, reloads its rules and stops it.
//
// It alone sees every other package. It owns the order of start and stop, and decides nothing
// about events, calls or formats.
package app
