package policy

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// readExceptions reads the list under unless.
func (l *loader) readExceptions(n *yaml.Node) []exception {
	l.cur.inUnless = true
	defer func() { l.cur.inUnless = false }()
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		l.errorf(n, "such as [{name: staff, member: {in: staff}}]", "unless must be a list of exceptions")
		return nil
	}
	var out []exception
	for _, item := range n.Content {
		var x exception
		l.cur.excused = false
		x.when = l.readConditions(item, "an exception", l.exceptionKeys(&x)...)
		x.inText = l.cur.excused
		if item.Kind == yaml.MappingNode && len(x.when.of) == 0 {
			l.errorf(item, "", "an exception without a condition excuses everything")
		}
		out = append(out, x)
	}
	return out
}

// exceptionKeys are the keys of an exception beside its conditions.
func (l *loader) exceptionKeys(x *exception) []field {
	return []field{
		{name: "name", is: texts(), doc: "What traces call the exception.", read: func(_, v *yaml.Node) { x.name, _ = l.text(v, "name") }},
		{name: "until", is: dates(), doc: "The last day on which it excuses anybody, such as 2027-01-31.",
			read: func(_, v *yaml.Node) { x.until = l.until(v) }},
	}
}

// exceptionsShape is what unless looks like.
func (l *loader) exceptionsShape() shape {
	return many(conditional(l.exceptionKeys(&exception{})...).withCondition().stateless())
}

// soon is how long before its end an exception is worth a note.
const soon = 14 * 24 * time.Hour

// until reads a date, which counts to its end in UTC, or a time.
func (l *loader) until(n *yaml.Node) time.Time {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, n.Value); err == nil {
			t = t.AddDate(0, 0, 1)
		}
	}
	switch {
	case err != nil:
		l.errorf(n, "such as 2027-01-31", "until %q is not a date", n.Value)
	case !t.After(l.now):
		l.warnf(n, "remove it or give it another date", "the exception has expired, it excuses nothing any more")
	case t.Before(l.now.Add(soon)):
		l.report(SeverityNote, n, "", "the exception ends in %d days", int(t.Sub(l.now).Hours()/24))
	}
	return t
}
