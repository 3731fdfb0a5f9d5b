package policy

import (
	"errors"
	"time"

	"cel.dev/cel-go/cel"
)

// celField is one field of event, member or group.
type celField struct {
	object, name string
	is           *cel.Type
	size         uint64                  // of a text in characters, of a list in elements, at most
	each         uint64                  // of each element, likewise
	get          func(x *Exam) any       // what has reports as absent is "", nil, 0 or false
	fault        func(x *Exam) (e error) // why it cannot be told; nil: it always can
}

// What cannot be told about an event.
var (
	errNoTime     = errors.New("nobody knows when it happened")
	errNoMessages = errors.New("nobody knows how many messages the member wrote")
	errLongText   = errors.New("the text is too long")
	errNoName     = errors.New("nobody knows the member's name")
)

func celUnknowns() []error { return []error{errNoTime, errNoMessages, errLongText, errNoName} }

// longAgo stands for the time since a join of which nobody knows when it was.
const longAgo = 100 * 365 * 24 * time.Hour

// Sizes that an expression's cost is estimated by. A message has 12 KB at most (Tencent).
const (
	celText = 12000
	celList = 100
	celWord = 64
	celName = 256
)

// celFields are all fields that an expression can look at.
func celFields() []celField {
	list := cel.ListType(cel.StringType)
	fields := []celField{
		{object: "event", name: "kind", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Kind) }},
		{object: "event", name: "text", is: cel.StringType, size: celText, get: func(x *Exam) any { return x.e.Text }, fault: func(x *Exam) error {
			if len(x.e.Text) > maxRegexText {
				return errLongText
			}
			return nil
		}},
		{object: "event", name: "links", is: list, size: celList, each: celName, get: func(x *Exam) any { return x.hosts() }},
		{object: "event", name: "media", is: list, size: celList, each: celWord, get: func(x *Exam) any { return x.e.Media }},
		{object: "event", name: "files", is: list, size: celList, each: celName, get: func(x *Exam) any { return x.e.Files }},
		{object: "event", name: "mentions", is: list, size: celList, each: celName, get: func(x *Exam) any { return x.e.Mentions }},
		{object: "event", name: "at_all", is: cel.BoolType, get: func(x *Exam) any { return x.e.AtAll }},
		{object: "event", name: "at", is: cel.TimestampType, get: func(x *Exam) any { return x.e.At }, fault: func(x *Exam) error {
			if x.e.Late {
				return errNoTime
			}
			return nil
		}},
		{object: "event", name: "name", is: cel.StringType, size: celName, get: func(x *Exam) any { return x.e.Name }, fault: nameless},
		{object: "event", name: "provider", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Provider) }},
		{object: "event", name: "group_type", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.GroupType) }},
		{object: "group", name: "id", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Group.ID) }},
		{object: "group", name: "type", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.GroupType) }},
		{object: "group", name: "provider", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Provider) }},
		{object: "group", name: "account", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Account) }},
	}
	return append(fields, celMemberFields()...)
}

func celMemberFields() []celField {
	return []celField{
		{object: "member", name: "id", is: cel.StringType, size: celWord, get: func(x *Exam) any { return string(x.e.Member) }},
		{object: "member", name: "name", is: cel.StringType, size: celName, get: func(x *Exam) any { return x.e.Name }, fault: nameless},
		{object: "member", name: "joined_ago", is: cel.DurationType, get: func(x *Exam) any {
			joined, _ := x.joined()
			if joined.IsZero() {
				return longAgo
			}
			return max(x.e.At.Sub(joined), 0)
		}},
		{object: "member", name: "joined_known", is: cel.BoolType, get: func(x *Exam) any {
			joined, _ := x.joined()
			return !joined.IsZero()
		}},
		{object: "member", name: "messages", is: cel.IntType, get: func(x *Exam) any {
			n, _ := x.wrote()
			return n
		}, fault: func(x *Exam) error {
			if n, _ := x.wrote(); n < 0 {
				return errNoMessages
			}
			return nil
		}},
	}
}

// nameless tells of an event without a name: a provider that tells none says nothing about its members.
func nameless(x *Exam) error {
	if x.e.Name == "" {
		return errNoName
	}
	return nil
}

// hosts returns where the links of the text lead.
func (x *Exam) hosts() []string {
	links, _ := x.linksOf()
	var hosts []string
	for _, k := range links.All() {
		hosts = append(hosts, string(links.Host(k)))
	}
	return hosts
}

// celNames are the names of all fields.
func celNames() []string {
	var names []string
	for _, f := range celFields() {
		names = append(names, f.name)
	}
	return names
}

func celObjects() []string { return []string{"event", "member", "group"} }
