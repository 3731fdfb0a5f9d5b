package main

import (
	_ "embed"
	"fmt"
)

// The scripts only ask the program itself, so that they stay right when it changes.
var (
	//go:embed completion/bot.bash
	bashScript string
	//go:embed completion/bot.zsh
	zshScript string
	//go:embed completion/bot.fish
	fishScript string
)

// completionCmd is bot completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (c *completionCmd) run(p process) error {
	_, err := fmt.Fprint(p.stdout, map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell])
	return err
}
