package policy

import (
	"errors"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// celCondition is a condition in CEL. It has no effects and keeps nothing. One that fails says nothing,
// and what says nothing excuses the member wherever it stands.
type celCondition struct {
	plain
	number  int // among those of the file
	program cel.Program
	joined  bool // it looks at when the member joined
	wrote   bool // it looks at how many messages the member wrote
}

// celAnswer is what an expression said about an event. The zero value: it was not asked yet.
type celAnswer struct {
	said  bool
	holds bool
	fault string // why it could not be judged; empty: it could
}

func (l *loader) readCEL(n *yaml.Node) condition {
	source, ok := l.text(n, "cel")
	if !ok {
		return &celCondition{}
	}
	if len(source) > maxCEL {
		l.errorf(n, "make it several conditions", "cel has %d bytes, more than %d", len(source), maxCEL)
		return &celCondition{}
	}
	c := l.compileCEL(n, source)
	if c == nil {
		return &celCondition{} // the mistake was reported; the rule is not one without conditions
	}
	c.number = l.out.cels
	l.out.cels++
	if c.joined {
		l.cur.longest = max(l.cur.longest, celJoined)
	}
	if c.wrote {
		l.cur.history = max(l.cur.history, celMessages)
	}
	return c
}

func (c *celCondition) holds(x *Exam) truth {
	if !c.askable(x) {
		return maybe
	}
	a := x.cel(c)
	if a.fault != "" {
		return x.doubt
	}
	return truthOf(a.holds)
}

// askable tells whether everything is known that the expression looks at.
func (c *celCondition) askable(x *Exam) bool {
	if c.joined {
		if _, known := x.joined(); !known {
			return false
		}
	}
	if c.wrote {
		if _, known := x.wrote(); !known {
			return false
		}
	}
	return true
}

// cel returns what an expression says about the event. It runs once for each event.
func (x *Exam) cel(c *celCondition) celAnswer {
	a := &x.cels[c.number]
	if a.said {
		return *a
	}
	a.said = true
	switch value, _, err := c.program.Eval(celVars{x}); {
	case err != nil:
		a.fault = faultOf(err)
	case value == types.True:
		a.holds = true
	case value != types.False:
		a.fault = faultOther
	}
	return *a
}

// What a trace says of an expression that failed. The library's own words can hold message text.
const faultOther = "it failed"

// faultOf says why an expression failed.
func faultOf(err error) string {
	var ended interpreter.EvalCancelledError
	if errors.As(err, &ended) && ended.Cause == interpreter.CostLimitExceeded {
		return "it cost too much"
	}
	for _, known := range celUnknowns() {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	for _, words := range []string{"index out of bounds", "no such key", "no such overload", "division by zero", "modulus by zero", "overflow"} {
		if strings.Contains(err.Error(), words) { // for a reader only: nothing depends on it
			return words
		}
	}
	return faultOther
}

func (c *celCondition) explain(x *Exam) []chat.Seen {
	if !c.askable(x) {
		return []chat.Seen{saw("cel", "", "", maybe)}
	}
	if a := x.cel(c); a.fault != "" {
		return []chat.Seen{saw("cel", "", a.fault, maybe)}
	}
	return []chat.Seen{saw("cel", "", "", c.holds(x))}
}

// order puts expressions behind all that is cheaper, which may rule the event out.
func (c *allOf) order() {
	slices.SortStableFunc(c.of, func(a, b condition) int { return rank(a) - rank(b) })
	c.slow = slices.ContainsFunc(c.of, func(k condition) bool { return rank(k) > 0 })
}

// rank is 1 for a condition that runs an expression.
func rank(c condition) int {
	slow := false
	switch c := c.(type) {
	case *celCondition:
		slow = true
	case *allOf:
		slow = c.slow
	case *notOf:
		slow = rank(c.of) > 0
	case *anyOf:
		slow = slices.ContainsFunc(c.of, func(k condition) bool { return rank(k) > 0 })
	}
	if slow {
		return 1
	}
	return 0
}

// excusesSlowly tells whether an exception of the rule runs an expression.
func (r *rule) excusesSlowly() bool {
	return slices.ContainsFunc(r.exceptions, func(ex exception) bool { return ex.when.slow })
}
