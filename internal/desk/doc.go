// Package desk is what operators do with what is stored: look cases up, take letters off the shelves,
// pause rules, and undo what was decided.
//
// It works on a store alone, whether the service runs on it or not. It calls no provider: what it
// wants done becomes cases and memos, which the service carries out. Message text leaves it in one
// place only, the record of a single case.
package desk
