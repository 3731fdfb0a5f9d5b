// Package heartbeat proves, again and again, that the way of an event is open: from the webhook port to
// the call that would carry an action out. A beat is a message that the bot sends to its own webhook,
// signed as the provider signs. It goes the way of any message, under rules of its own, and ends in a
// removal that calls nobody.
//
// The package owns what a beat looks like, how it is told from what others send, when it is sent, and
// what is measured of it. It must not know a provider's format, a store, or what carries actions out: a
// proof that takes a shorter way than the event proves nothing.
package heartbeat
