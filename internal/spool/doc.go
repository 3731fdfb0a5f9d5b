// Package spool is what stands between the webhooks and the judging of their events when the store
// is shared and may be away: what it cannot take in time is written to a disk of this host, answered
// as accepted, and judged in order when the store is back.
//
// It owns the deadline, the order, the form of an entry and the drain. Nothing is answered before it is
// judged or on the disk, and no entry leaves the disk before it is judged or set aside; so an event may
// be judged twice, and what comes after must be idempotent by the event's ID. It keeps no events in
// memory beyond those that it drains just now, and of others only which of them failed, and when, and of
// which groups the store was away lately. It must not judge events, know a store, or know a layout on disk.
package spool
