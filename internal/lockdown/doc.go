// Package lockdown keeps what lockdowns have changed, and ends them in time.
//
// It owns the memos in which locks are stored, and the cases that end lockdowns. It must not call a
// provider: what a lockdown changes, and how that is restored, is the provider's matter. All that it
// knows is stored, so that lockdowns end after a restart, and one replica ends those of another.
package lockdown
