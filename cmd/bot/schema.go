package main

import "github.com/groupguard/groupguard/internal/policy"

// schemaCmd is bot schema.
type schemaCmd struct{}

func (schemaCmd) run(p process) error {
	_, err := p.stdout.Write(policy.Schema())
	return err
}
