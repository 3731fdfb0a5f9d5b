// Package groupguard holds what the program carries with it: the sample rules.
package groupguard

import _ "embed" // for the sample rules

// SampleRules is the rules.yaml that stands beside this file.
//
//go:embed rules.yaml
var SampleRules []byte
