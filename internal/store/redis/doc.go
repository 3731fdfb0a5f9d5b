// Package redis keeps Groupguard's state in Redis, where several replicas of the bot share it: the
// windows that rules count, their trails of notes, the ladders of strikes, the cases of the audit with
// their texts, the action queue and the shelves of letters, memos, rosters and call rates.
//
// It owns the only go-redis client of the program, the spelling of every key (keys.go) and the Lua
// scripts (scripts/*.lua). Whatever must hold together happens in one script, because a reply can be
// lost after the command ran: every script may be sent twice and does its work once.
//
// It decides nothing: which events count, what breaks a rule and what is carried out is known
// elsewhere. It writes no key that has neither a time to live nor a bound.
package redis
