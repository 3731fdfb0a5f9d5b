// Package policy turns rules.yaml into rules, and rules into decisions.
//
// It owns the rule language: reading it strictly, explaining every mistake with its place, and
// judging one event. Loading does everything that can fail; judging cannot fail, and is pure: the
// same event and the same facts give the same decision, so that a replica, a replay or a test
// comes to the same result. The package therefore does no I/O (list files come through a function
// that the caller gives), reads no clock, writes no log and calls no provider.
//
// A condition is added or changed in one file, condition_NAME.go, and an intent in intent_NAME.go;
// both are listed in tables.go.
package policy
