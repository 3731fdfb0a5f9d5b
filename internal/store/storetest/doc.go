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
//   - A join whose time is exact and later than the store's clock settles what it would if it were of now.
//   - What does not act leaves no mark and no answer, and is not owed by a comeback.
//   - Claim gives a partition's entries in commit order, those that ran out or were freed included.
//   - An answer of state Free is not recorded: nothing was tried.
//   - A held action keeps out equal ones of its own rule, as a pending one keeps out those of any rule,
//     and its letter keeps the number of attempts. One that is void leaves no mark.
//   - Of two marks that kept an action out, the later one tells whether a join makes it owed.
//   - What is taken off a shelf is answered as requeued (dead), released (held) or dropped, with the
//     time by the store's clock. It goes back into the queue if Commit would queue it now, its own mark
//     apart, and is answered as deduplicated if not; such an action is not owed by a comeback. A held
//     one about a member also needs its own mark. An entry that was queued again is a new one, last in
//     its partition.
//   - An action has one letter on a shelf at most: a later one takes the place of an earlier one.
//   - Letters are ordered by when they were settled, cases by when they were stored, to the
//     millisecond. What keep wants is asked about each at most once.
//   - A text is gone, by every way to read it, once the case is as old as Options.KeepText. The
//     fingerprint is that of the text, and empty where there was none.
//   - A case that the audit does not keep is known for Options.KeepUnlisted. It does all that another
//     case does, but that no way to read the audit finds it and that it counts for no bound. What its
//     member's ladder held is not remembered with it.
//   - A memo expires to the millisecond. One with a larger body than chat.MaxMemo is refused, with an
//     error that is not ErrStale.
//   - Slow halves a pace that is asked for later, too: it is kept by key, not by Rate.
package storetest
