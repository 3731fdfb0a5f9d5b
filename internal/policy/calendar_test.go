package policy

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zone files

	"github.com/groupguard/groupguard/internal/chat"
)

func TestCalendars(t *testing.T) {
	for _, tc := range []struct {
		name, calendar, at string
		want               bool
	}{
		{"the hour it begins", "{from: '19:00', to: '23:00'}", "2026-11-20T19:00:00Z", true},
		{"the instant before", "{from: '19:00', to: '23:00'}", "2026-11-20T18:59:59.999Z", false},
		{"the instant before it ends", "{from: '19:00', to: '23:00'}", "2026-11-20T22:59:59.999Z", true},
		{"the hour it ends", "{from: '19:00', to: '23:00'}", "2026-11-20T23:00:00Z", false},
		{"its day", "{days: [mon, fri]}", "2026-11-20T00:00:00Z", true},
		{"not its day", "{days: [mon, fri]}", "2026-11-21T00:00:00Z", false},
		{"the evening of a night", "{days: fri, from: '22:00', to: '06:00'}", "2026-11-20T23:00:00Z", true},
		{"the morning of a night that began on its day", "{days: fri, from: '22:00', to: '06:00'}", "2026-11-21T05:59:00Z", true},
		{"the morning before", "{days: fri, from: '22:00', to: '06:00'}", "2026-11-20T05:59:00Z", false},
		{"the evening after", "{days: fri, from: '22:00', to: '06:00'}", "2026-11-21T22:00:00Z", false},
		{"the night from Saturday to Sunday", "{days: sat, from: '22:00', to: '06:00'}", "2026-11-22T01:00:00Z", true},
		{"to midnight", "{from: '22:00', to: '00:00'}", "2026-11-20T23:59:59Z", true},
		{"not past midnight", "{from: '22:00', to: '00:00'}", "2026-11-20T00:00:00Z", false},
		{"to 24:00", "{from: '22:00', to: '24:00'}", "2026-11-20T23:59:59Z", true},
		{"from alone", "{from: '22:00'}", "2026-11-20T23:00:00Z", true},
		{"to alone", "{to: '06:00'}", "2026-11-20T05:00:00Z", true},
		{"by the clock in Shanghai", "{days: fri, from: '19:00', to: '23:00', timezone: Asia/Shanghai}", "2026-11-20T11:30:00Z", true},
		{"by the day in Shanghai", "{days: sat, timezone: Asia/Shanghai}", "2026-11-20T16:00:00Z", true},
		{"not by the clock in UTC", "{from: '19:00', to: '23:00', timezone: Asia/Shanghai}", "2026-11-20T19:30:00Z", false},
		{"before summer time", "{from: '09:00', to: '10:00', timezone: Europe/Berlin}", "2026-03-28T08:30:00Z", true},
		{"in summer time", "{from: '09:00', to: '10:00', timezone: Europe/Berlin}", "2026-03-29T07:30:00Z", true},
		{"an hour that is skipped", "{from: '02:00', to: '03:00', timezone: Europe/Berlin}", "2026-03-29T01:00:00Z", false},
		{"begins in an hour that is skipped", "{from: '02:30', to: '04:00', timezone: Europe/Berlin}", "2026-03-29T01:00:00Z", true},
		{"an hour that comes twice, first", "{from: '02:00', to: '03:00', timezone: Europe/Berlin}", "2026-10-25T00:30:00Z", true},
		{"an hour that comes twice, again", "{from: '02:00', to: '03:00', timezone: Europe/Berlin}", "2026-10-25T01:30:00Z", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := load(t, "version: 1\ncalendars: {c: "+tc.calendar+"}\n"+
				"rules: [{id: r, on: message, mode: enforce, when: {during: c, member: {id_matches: u1}}, then: [remove: {}]}]\n")
			e := message("hello")
			at, err := time.Parse(time.RFC3339, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			e.At = at
			if got := removed(r, e, chat.Facts{}); got != tc.want {
				t.Errorf("holds: %t", got)
			}
		})
	}
}

func TestWhereDuringStands(t *testing.T) {
	late := message("hello")
	late.Late = true
	for _, tc := range []struct {
		name, parts string
		e           *chat.Event
		want        bool
	}{
		{"one of several", "when: {during: [monday, friday]}", message("hello"), true},
		{"none of several", "when: {during: [monday, night]}", message("hello"), false},
		{"in an exception", "when: {member: {id_matches: u1}}, unless: [{name: x, during: friday}]", message("hello"), false},
		{"in an exception of another day", "when: {member: {id_matches: u1}}, unless: [{name: x, during: monday}]", message("hello"), true},
		{"under not", "when: {not: {during: monday}}", message("hello"), true},
		{"at a time that is not known", "when: {during: friday}", late, false},
		{"not at a time that is not known", "when: {not: {during: monday}}", late, false},
		{"unless at a time that is not known", "when: {member: {id_matches: u1}}, unless: [{name: x, during: monday}]", late, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := removed(both(t, tc.parts), tc.e, chat.Facts{}); got != tc.want {
				t.Errorf("removed: %t", got)
			}
		})
	}
}

func TestACalendarOfTheWholeWeekMatchesEverybody(t *testing.T) {
	for calendar, want := range map[string]bool{"{timezone: UTC}": true, "{to: '24:00'}": true, "{days: fri}": false, "{from: '00:01'}": false} {
		_, problems := Load(Source{Name: "rules.yaml", Data: []byte("version: 1\ncalendars: {c: " + calendar + "}\n" +
			"rules: [{id: r, on: message, when: {during: c}, then: [remove: {}]}]\n")}, testNow)
		warned := false
		for _, p := range problems {
			warned = warned || strings.Contains(p.Text, "matches everybody")
		}
		if warned != want {
			t.Errorf("%s: %v", calendar, problems)
		}
	}
}
