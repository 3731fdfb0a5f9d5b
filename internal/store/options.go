package store

import "time"

// Options are what both stores can be told. A zero field takes its default.
type Options struct {
	Partitions  int              // of queue and audit; fixed when the store is made
	Lease       time.Duration    // how long a claim holds without Renew
	KeepSeen    time.Duration    // how long a case stays known after its record went
	KeepRecords time.Duration    // age at which the audit forgets a case
	KeepText    time.Duration    // age at which a case loses its text and keeps its fingerprint; at most KeepRecords
	MaxRecords  int              // cases in the audit; the oldest go first
	MaxGroups   int              // learned groups per account
	Now         func() time.Time // the clock for leases and expiry, where the store keeps them itself
}

// KeepUnlisted is how long a case stays known that the audit does not keep: an hour, as its event is
// not repeated for long, and KeepSeen at most.
func (o Options) KeepUnlisted() time.Duration { return min(o.KeepSeen, time.Hour) }

// MaxAnswers is how many answers of a case the audit keeps: the last ones.
const MaxAnswers = 50

// MaxStrikes is how many points a ladder of strikes holds at most.
const MaxStrikes = 10_000

// Defaults returns the options with every zero field set.
func (o Options) Defaults() Options {
	if o.Partitions <= 0 {
		o.Partitions = 16
	}
	if o.Lease <= 0 {
		o.Lease = 15 * time.Second
	}
	if o.KeepSeen <= 0 {
		o.KeepSeen = 24 * time.Hour
	}
	if o.KeepRecords <= 0 {
		o.KeepRecords = 30 * 24 * time.Hour
	}
	if o.KeepText <= 0 {
		o.KeepText = 7 * 24 * time.Hour
	}
	o.KeepText = min(o.KeepText, o.KeepRecords)
	if o.MaxRecords <= 0 {
		o.MaxRecords = 100_000
	}
	if o.MaxGroups <= 0 {
		o.MaxGroups = 10_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
