// Package chat is Groupguard's vocabulary: events, cases, intents and the IDs that name them.
//
// It owns the words that every other package speaks and nothing else. It imports only the standard
// library, does no I/O, reads no clock and knows no provider's format.
package chat
