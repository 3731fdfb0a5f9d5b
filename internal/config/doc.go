// Package config owns the process settings of `bot run`: their names, defaults, meaning and checks.
//
// One table defines every setting, so that flags, environment, file, help text and the page
// docs/settings.md cannot differ. The package reads no environment and opens no file by itself:
// what it looks at is handed to it. It imports nothing else of this module, and no text that it
// produces holds the value of a secret.
package config
