package sqlite

// schemaVersion is PRAGMA user_version of a file with this schema. A file of a newer version is
// refused.
const schemaVersion = 5

// The tables. IDs that a provider chose are blobs: they are bytes, and text would end at a NUL.
// Times are microseconds since 1970. Groups (grp), windows and window entries are digests of 16
// bytes, so that their size is bounded.
const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A sliding count, or a trail: its entries packed as in window.go or trail.go.
CREATE TABLE windows (id BLOB PRIMARY KEY, expires INTEGER NOT NULL, points BLOB NOT NULL);
CREATE INDEX windows_expires ON windows (expires);

CREATE TABLE joins (
	grp BLOB NOT NULL, member BLOB NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (grp, member)
) WITHOUT ROWID;
CREATE INDEX joins_expires ON joins (expires);

-- What keeps a second equal action out of the queue. expires is 0 while the action is pending or held;
-- one that is held has a key that holds its rule, too.
CREATE TABLE marks (
	grp BLOB NOT NULL, member BLOB NOT NULL, key BLOB NOT NULL,
	action TEXT NOT NULL, event_at INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (grp, member, key)
) WITHOUT ROWID;
CREATE INDEX marks_expires ON marks (expires) WHERE expires > 0;

-- The audit. Rows go from the low end only, so that seq has no gaps and counts.
CREATE TABLE cases (
	seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, code BLOB NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX cases_code ON cases (code);
CREATE TABLE answers (
	case_seq INTEGER NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (case_seq, n)
) WITHOUT ROWID;
-- Cases whose record has gone, for as long as their events may still be repeated.
CREATE TABLE seen (id BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at);

-- lease is 0 for an entry that anybody may claim, else 1; an older program wrote when the claim runs
-- out. See lease.go.
CREATE TABLE queue (
	seq INTEGER PRIMARY KEY, part INTEGER NOT NULL, queued_at INTEGER NOT NULL,
	lease INTEGER NOT NULL, fence INTEGER NOT NULL, deliveries INTEGER NOT NULL, attempts INTEGER NOT NULL,
	body BLOB NOT NULL
);
CREATE INDEX queue_claim ON queue (part, lease);
CREATE TABLE dead (
	seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, attempts INTEGER NOT NULL,
	code TEXT NOT NULL, text TEXT NOT NULL, body BLOB NOT NULL
);

-- version is 0 for a group that is known but has no roster.
CREATE TABLE rosters (
	provider BLOB NOT NULL, account BLOB NOT NULL, grp BLOB NOT NULL,
	version INTEGER NOT NULL, members BLOB NOT NULL,
	PRIMARY KEY (provider, account, grp)
) WITHOUT ROWID;
`

// schemaComebacks is what version 2 adds: see comeback.go.
const schemaComebacks = `
-- When a mark's action was done, 0 while it is pending. Of a mark of version 1 nobody knows: it
-- holds until it expires.
ALTER TABLE marks ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
UPDATE marks SET done = expires;

-- The last join of a member that lifted marks, or came after one that did.
CREATE TABLE lifted (
	grp BLOB NOT NULL, member BLOB NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (grp, member)
) WITHOUT ROWID;
CREATE INDEX lifted_expires ON lifted (expires);

-- Actions that a mark kept out of the queue. decided is the time of the event behind that mark.
CREATE TABLE dropped (
	action TEXT PRIMARY KEY, decided INTEGER NOT NULL, event_at INTEGER NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX dropped_expires ON dropped (expires);
`

// schemaLadders is what version 3 adds: see ladder.go.
const schemaLadders = `
-- What the member's ladder held when the case was stored.
ALTER TABLE cases ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;

-- The strikes of a member: its points, up to when they have faded, and each rule's last step packed
-- as in ladder.go.
CREATE TABLE ladders (
	grp BLOB NOT NULL, member BLOB NOT NULL, points INTEGER NOT NULL, anchor INTEGER NOT NULL,
	steps BLOB NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (grp, member)
) WITHOUT ROWID;
CREATE INDEX ladders_expires ON ladders (expires);
`

// schemaShelves is what version 4 adds: shelves of letters instead of dead ones alone, memos, and a
// place of its own for a case's text, so that it can go before the case does.
const schemaShelves = `
CREATE TABLE letters (
	seq INTEGER PRIMARY KEY AUTOINCREMENT, shelf TEXT NOT NULL, action TEXT NOT NULL, at INTEGER NOT NULL,
	attempts INTEGER NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX letters_shelf ON letters (shelf);
CREATE UNIQUE INDEX letters_action ON letters (action, shelf);
INSERT OR REPLACE INTO letters (shelf, action, at, attempts, code, text, body)
	SELECT 'dead', CASE WHEN json_valid(CAST(body AS TEXT)) THEN COALESCE(json_extract(CAST(body AS TEXT), '$.id'), '')
		ELSE 'unreadable ' || seq END, at, attempts, code, text, body FROM dead ORDER BY seq;
DROP TABLE dead;

-- of_case is the case that the case is a part of. text is the event's text until it goes, and print
-- its fingerprint. Where print is not set the row is of an older version, with the text in its body.
ALTER TABLE cases ADD COLUMN of_case BLOB;
ALTER TABLE cases ADD COLUMN text BLOB;
ALTER TABLE cases ADD COLUMN print TEXT;
UPDATE cases SET of_case = CAST(json_extract(CAST(body AS TEXT), '$.of') AS BLOB)
	WHERE json_valid(CAST(body AS TEXT)) AND json_extract(CAST(body AS TEXT), '$.of') IS NOT NULL;
CREATE INDEX cases_of ON cases (of_case) WHERE of_case IS NOT NULL;
-- With the time in it, this index tells which cases are of a span without reading them.
DROP INDEX cases_code;
CREATE INDEX cases_code ON cases (code, at);

CREATE TABLE memos (
	kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (kind, key)
);
CREATE INDEX memos_kind ON memos (kind, expires);
CREATE INDEX memos_expires ON memos (expires);
`

// schemaJoins is what version 5 adds: see comeback.go and form.go.
const schemaJoins = `
-- How the points are packed.
ALTER TABLE windows ADD COLUMN form INTEGER NOT NULL DEFAULT 0;

-- The last join of a member whose time is exact: what happened before at is settled.
CREATE TABLE came (
	grp BLOB NOT NULL, member BLOB NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (grp, member)
) WITHOUT ROWID;
CREATE INDEX came_expires ON came (expires);
`
