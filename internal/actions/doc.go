// Package actions carries out what was decided: it claims actions from the queue, plans them into
// batches, keeps every provider's rate, sends, and settles the outcome.
//
// It owns the order claim, act, settle: nothing is marked done before the provider answered. It
// must not judge, decode a webhook, or know a provider's format or a store's layout.
package actions
