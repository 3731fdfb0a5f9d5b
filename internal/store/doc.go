// Package store says what every store of Groupguard gives and holds what the stores share: the
// options, the errors, the partition of a group, the form of a queued action and the batcher that
// groups commits.
//
// It owns no data and does no I/O. The stores themselves are store/sqlite and store/redis; both
// must pass store/storetest. Nothing here may know a rule, a provider's format or a layout.
package store
