// Package actions carries out what was decided: it claims actions from the queue, asks the guard
// whether they may go, plans them into batches, keeps every provider's rate, sends, and settles the
// outcome. While a provider is away its actions wait.
//
// It owns the order claim, guard, act, settle: nothing is marked done before the provider answered. It
// must not judge, decode a webhook, or know a provider's format or a store's layout.
package actions
