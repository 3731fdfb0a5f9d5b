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
//   - An event that adds something counts like that many events of its time.
//   - A trail and a count of one name are apart. An event less than Within older than the newest one
//     of a trail is answered with so much that the most different notes which a span of the trail's
//     length around it has, its own with them, is exact up to Limit. For this, it is enough to keep
//     what Facts.Trails asks for, and of that what is less than 2*Within older than the newest.
//   - A ladder has points and an anchor, at first the event's time. When an event is later than the
//     anchor, Fade points go for each whole Every since, not below zero, and the anchor moves by as
//     many; when no points are left, it moves to the event. Then the step is taken, unless the rule's
//     last one was less than Once before or after. A ladder holds 10,000 points at most.
//   - What does not act leaves no mark and no answer, and is not owed by a comeback.
//   - Claim gives a partition's entries in commit order, those that ran out or were freed included.
//   - An answer of state Free is not recorded: nothing was tried.
package storetest
