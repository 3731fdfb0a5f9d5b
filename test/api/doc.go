// Package api asks a running bot everything that docs/openapi.yaml describes, and compares the answers
// with what the file says of them. The bot is the built program, as people run it.
package api
