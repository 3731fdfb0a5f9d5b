package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// parameters reads the query of a URL. Its first problem stays in err.
type parameters struct {
	values url.Values
	err    error
}

// aTime shows how times are written.
const aTime = "such as 2026-11-21T20:00:00Z"

// newParameters takes the parameters that a route knows. An unknown one is refused, since it would
// select too much, and so is one that is given twice, unless it is id.
func newParameters(r *http.Request, known []string) (*parameters, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refused(http.StatusBadRequest, "the query is not well-formed")
	}
	for name, given := range values {
		if !slices.Contains(known, name) {
			return nil, refused(http.StatusBadRequest, "%q is no parameter here", name)
		}
		if len(given) > 1 && name != "id" {
			return nil, refused(http.StatusBadRequest, "%s is given %d times", name, len(given))
		}
	}
	return &parameters{values: values}, nil
}

func (p *parameters) text(name string) string { return p.values.Get(name) }

func (p *parameters) fail(name, text string) {
	if p.err == nil {
		p.err = refused(http.StatusBadRequest, "%s %s", name, text)
	}
}

func (p *parameters) time(name string) (t time.Time) {
	if v := p.text(name); v != "" {
		var err error
		if t, err = time.Parse(time.RFC3339, v); err != nil {
			p.fail(name, "is not a time "+aTime)
		}
	}
	return t
}

// number returns a number, or the default when none is given.
func (p *parameters) number(name string, otherwise int) int {
	v := p.text(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		p.fail(name, "is not a number")
	}
	return n
}

// limit returns how many of a list are asked for, 0 when nothing is said of it. What is too many the desk
// knows.
func (p *parameters) limit() int {
	n := p.number("limit", 0)
	if n < 1 && p.text("limit") != "" {
		p.fail("limit", "is not 1 or more")
	}
	return n
}

func (p *parameters) yes(name string) bool {
	switch p.text(name) {
	case "true":
		return true
	case "", "false":
	default:
		p.fail(name, "is neither true nor false")
	}
	return false
}
