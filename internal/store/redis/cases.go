package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// Cases implements store.Store. It goes through the index in pages; of a case's parts it reads the
// records of those only, because the index says whose part each is.
func (s *Store) Cases(ctx context.Context, q store.Query, keep func(*chat.Record) bool) ([]chat.Record, error) {
	const op = "list cases"
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	since := s.o.Now().Add(-s.o.KeepRecords) // what is older is forgotten, if still there
	if q.Since.After(since) {
		since = q.Since
	}
	until := "+inf"
	if !q.Until.IsZero() {
		until = "(" + score(q.Until.Add(time.Microsecond-1))
	}
	w := s.walk(kindRecords, score(since), until, op)
	if q.Of != "" {
		w.want = mayBePartOf(q.Of)
	}
	var out []chat.Record
	for len(out) < q.Most {
		n := letterPage
		if keep == nil {
			n = min(n, q.Most-len(out))
		}
		refs, err := w.next(ctx, n)
		if err != nil {
			return nil, err
		}
		if len(refs) == 0 {
			break
		}
		for i := range refs {
			refs[i].name, _, _ = strings.Cut(refs[i].name, " ")
		}
		found, err := s.records(ctx, refs)
		if err != nil {
			return nil, s.wrap(err, op)
		}
		for _, f := range found {
			r, err := s.decodeRecord(f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w: %w", op, store.ErrDamaged, err)
			}
			if len(out) < q.Most && (q.Of == "" || r.Case.Of == q.Of) && (keep == nil || keep(&r)) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// mayBePartOf looks for the parts of a case in the index. Of a name that a version before wrote it
// cannot tell.
func mayBePartOf(id chat.CaseID) func(name string) bool {
	want := recordName(id)
	return func(name string) bool {
		parts := strings.Fields(name)
		return len(parts) < 3 || parts[1] == want // the record and the code alone
	}
}

// score is a time since 1970 in the index: milliseconds, with the microsecond as a fraction.
func score(t time.Time) string {
	us := max(t.UnixMicro(), 0)
	return strconv.FormatInt(us/1000, 10) + fmt.Sprintf(".%03d", us%1000)
}
