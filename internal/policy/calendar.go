package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// calendar is a stretch of the week, by the clock on a wall.
type calendar struct {
	name string
	node *yaml.Node // its name, in the file
	used bool
	days [7]bool // by time.Weekday
	from int     // seconds from midnight
	to   int     // likewise, up to 24 hours; before from: on the next day
	zone *time.Location
}

const (
	minute   = 60
	wholeDay = 24 * 60 * minute
)

func dayNames() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// calendarKeys are the keys of one calendar.
func (l *loader) calendarKeys(c *calendar) []field {
	return []field{
		{name: "days", is: some(word(dayNames()...)), doc: "The days on which it begins; all of them by default.",
			read: func(_, v *yaml.Node) { c.days = l.days(v) }},
		{name: "from", is: texts(), doc: "When it begins, such as 19:00; at midnight by default.",
			read: func(_, v *yaml.Node) { l.clock(v, "from", &c.from) }},
		{name: "to", is: texts(), doc: "When it ends, such as 23:00; at midnight by default. Before from: on the next day.",
			read: func(_, v *yaml.Node) { l.clock(v, "to", &c.to) }},
		{name: "timezone", is: texts(), doc: "Whose clock it goes by, such as Asia/Shanghai; UTC by default.",
			read: func(_, v *yaml.Node) { c.zone = l.zone(v) }},
	}
}

// readCalendars reads the calendars section.
func (l *loader) readCalendars(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		l.errorf(n, "", "calendars must be a map of names")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || !isName(key.Value):
			l.errorf(key, "a-z, 0-9, - and _", "%q cannot be a calendar's name", key.Value)
		case l.calendars[key.Value] != nil:
			l.errorf(key, "", "the calendar %q stands twice", key.Value)
		default:
			l.calendars[key.Value] = l.readCalendar(key, value)
		}
	}
}

func (l *loader) readCalendar(key, n *yaml.Node) *calendar {
	c := &calendar{name: key.Value, node: key, to: wholeDay, zone: time.UTC, days: [7]bool{true, true, true, true, true, true, true}}
	what := fmt.Sprintf("calendar %q", c.name)
	if !l.mapping(n, what, l.calendarKeys(c)) {
		return c
	}
	switch {
	case len(n.Content) == 0:
		l.errorf(n, "days, from, to or timezone", "%s says nothing", what)
	case c.from == c.to:
		l.errorf(n, "leave both out for the whole day", "%s ends when it begins", what)
	case c.from == wholeDay:
		l.errorf(n, "write 00:00, and the day that begins then", "%s begins at 24:00", what)
	}
	return c
}

func (l *loader) days(n *yaml.Node) (days [7]bool) {
	for _, item := range l.items(n, "days") {
		switch i := slices.Index(dayNames(), l.choice(item, "days", dayNames()...)); {
		case i < 0:
		case days[i]:
			l.errorf(item, "", "days names %s twice", item.Value)
		default:
			days[i] = true
		}
	}
	return days
}

// clock reads a time of day into seconds from midnight.
func (l *loader) clock(n *yaml.Node, what string, seconds *int) {
	s, ok := l.text(n, what)
	if !ok {
		return
	}
	t, err := time.Parse("15:04", s)
	switch {
	case s == "24:00":
		*seconds = wholeDay
	case err != nil || len(s) != len("15:04"):
		l.errorf(n, `such as "19:00"`, "%s %q is not a time of day", what, s)
	default:
		*seconds = t.Hour()*60*minute + t.Minute()*minute
	}
}

// zone reads the name of a time zone. Local is none: a file means the same wherever it is read.
func (l *loader) zone(n *yaml.Node) *time.Location {
	s, ok := l.text(n, "timezone")
	if !ok {
		return time.UTC
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "Local" {
		hint := nearestZone(s)
		if hint == "" {
			hint = "a name of the IANA database, such as Asia/Shanghai"
		}
		l.errorf(n, hint, "there is no timezone %q", s)
		return time.UTC
	}
	return zone
}

// nearestZone returns a hint with the common zone that was probably meant: by its whole name, or by
// its city.
func nearestZone(s string) string {
	zones := commonZones()
	for _, z := range zones {
		_, city, _ := strings.Cut(z, "/")
		if strings.EqualFold(z, s) || strings.EqualFold(city, strings.ReplaceAll(s, " ", "_")) {
			return fmt.Sprintf("did you mean %q?", z)
		}
	}
	return nearest(s, zones)
}

func commonZones() []string {
	return []string{
		"UTC", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Bogota", "America/Chicago",
		"America/Denver", "America/Lima", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Sao_Paulo",
		"America/Toronto", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta",
		"Asia/Karachi", "Asia/Kolkata", "Asia/Kuala_Lumpur", "Asia/Macau", "Asia/Manila", "Asia/Riyadh", "Asia/Seoul",
		"Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tashkent", "Asia/Tokyo", "Asia/Urumqi", "Australia/Sydney",
		"Europe/Berlin", "Europe/Istanbul", "Europe/Kyiv", "Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Paris",
		"Europe/Rome", "Pacific/Auckland",
	}
}

// unusedCalendars warns of calendars that no rule goes by.
func (l *loader) unusedCalendars() {
	for _, c := range l.calendars {
		if !c.used {
			l.warnf(c.node, "name it under during, or remove it", "the calendar %q is never used", c.name)
		}
	}
}

// holds tells whether a time is within the calendar. It goes by what the clock shows: an hour that a
// change of the clocks skips is never, and one that it repeats is twice.
func (c *calendar) holds(at time.Time) bool {
	at = at.In(c.zone)
	hour, minutes, seconds := at.Clock()
	clock := hour*60*minute + minutes*minute + seconds
	today := at.Weekday()
	if c.from < c.to {
		return c.days[today] && c.from <= clock && clock < c.to
	}
	return c.days[today] && clock >= c.from || c.days[(today+6)%7] && clock < c.to
}

// always tells whether the calendar is the whole week.
func (c *calendar) always() bool {
	return c.from == 0 && c.to == wholeDay && c.days == [7]bool{true, true, true, true, true, true, true}
}
