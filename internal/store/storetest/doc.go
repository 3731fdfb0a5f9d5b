// Package storetest is the conformance suite of the stores: what store.Store promises, as tests.
//
// It owns no store and knows no layout. It works in real time with short leases, so that a store
// whose clock cannot be set passes it too, and waits on conditions instead of sleeping.
//
// What the suite pins beyond the comments in chat and actions:
//
//   - Times are compared to the microsecond.
//   - A window entry is one event of one group, so a window that spans groups tells apart two
//     groups' events of one ID. An event that is there already keeps its first time and is counted
//     around that.
//   - Counts are exact up to Limit for events that are less than Within older than the newest one
//     of the window. It is enough to keep the 2*Limit newest entries, and of them those less than
//     2*Within older than the newest.
//   - Claim gives a partition's entries in commit order, those that ran out or were freed included.
//   - An answer of state Free is not recorded: nothing was tried.
package storetest
