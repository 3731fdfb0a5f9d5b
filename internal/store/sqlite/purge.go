package sqlite

// purgeStep bounds the rows of each table that one step removes.
const purgeStep = 500

const (
	purgeWindows = "DELETE FROM windows WHERE id IN (SELECT id FROM windows WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeJoins   = "DELETE FROM joins WHERE (grp, member) IN (SELECT grp, member FROM joins WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeMarks   = "DELETE FROM marks WHERE (grp, member, key) IN (SELECT grp, member, key FROM marks WHERE expires > 0 AND expires <= ? ORDER BY expires LIMIT ?)"
	purgeLifted  = "DELETE FROM lifted WHERE (grp, member) IN (SELECT grp, member FROM lifted WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeCame    = "DELETE FROM came WHERE (grp, member) IN (SELECT grp, member FROM came WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeDropped = "DELETE FROM dropped WHERE action IN (SELECT action FROM dropped WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeLadders = "DELETE FROM ladders WHERE (grp, member) IN (SELECT grp, member FROM ladders WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeMemos   = "DELETE FROM memos WHERE (kind, key) IN (SELECT kind, key FROM memos WHERE expires <= ? ORDER BY expires LIMIT ?)"
	purgeSeen    = "DELETE FROM seen WHERE id IN (SELECT id FROM seen WHERE at <= ? ORDER BY at LIMIT ?)"

	caseRange = "SELECT COALESCE((SELECT MIN(seq) FROM cases), 0), COALESCE((SELECT MAX(seq) FROM cases), 0)"
	oldCases  = "SELECT COALESCE(MAX(seq), 0) FROM (SELECT seq, at FROM cases ORDER BY seq LIMIT ?) WHERE at <= ?"

	keepSeen    = "INSERT OR REPLACE INTO seen SELECT id, at FROM cases WHERE seq <= ? AND at > ?"
	dropAnswers = "DELETE FROM answers WHERE case_seq <= ?"
	dropCases   = "DELETE FROM cases WHERE seq <= ?"
)

// purge does one step. It tells whether another is needed, and whether no case is left: then their
// numbers begin anew.
func (t *tx) purge() (more, empty bool, err error) {
	for _, step := range []struct {
		query string
		until int64
	}{
		{purgeWindows, t.now}, {purgeJoins, t.now}, {purgeMarks, t.now}, {purgeLifted, t.now}, {purgeCame, t.now}, {purgeDropped, t.now},
		{purgeLadders, t.now}, {purgeMemos, t.now},
		{purgeSeen, t.now - t.w.o.KeepSeen.Microseconds()},
	} {
		n, err := t.change(step.query, step.until, purgeStep)
		if err != nil {
			return false, false, err
		}
		more = more || n == purgeStep
	}
	var low, high, last int64
	if _, err := t.get(caseRange, nil, &low, &high); err != nil {
		return false, false, err
	}
	if _, err := t.get(oldCases, []any{purgeStep, t.now - t.w.o.KeepRecords.Microseconds()}, &last); err != nil {
		return false, false, err
	}
	more = more || last > 0 && last-low+1 >= purgeStep
	return more, last >= high, t.dropThrough(last)
}

// trimCases keeps the audit's number of cases: a transaction that adds some takes away up to twice
// as many.
func (t *tx) trimCases() error {
	var low, high int64
	if _, err := t.get(caseRange, nil, &low, &high); err != nil {
		return err
	}
	return t.dropThrough(min(high-int64(t.w.o.MaxRecords), low+2*int64(t.newCases)-1))
}

// dropThrough removes the oldest cases up to and with one. Their IDs stay known for a while.
func (t *tx) dropThrough(seq int64) error {
	if seq <= 0 {
		return nil
	}
	if err := t.exec(keepSeen, seq, t.now-t.w.o.KeepSeen.Microseconds()); err != nil {
		return err
	}
	if err := t.exec(dropAnswers, seq); err != nil {
		return err
	}
	return t.exec(dropCases, seq)
}
