// Package trial judges events as the service does, and touches nothing: the tests that stand in rules,
// recorded events, and single ones that an operator asks about.
//
// It owns a store in memory whose clock is that of the events, the reader of recorded events, and the
// reports. It uses the pipeline that the service uses, so that both come to the same decisions. It
// must not read the wall clock, open files or call providers.
package trial
