package policy

import (
	"strings"
	"testing"
)

// problemsOf loads a file with the given lists, and returns its problems as lines.
func problemsOf(t *testing.T, data string) string {
	t.Helper()
	_, problems := Load(Source{Name: "f", Data: []byte(data)}, testNow)
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

func TestNotes(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"an exception that ends soon": {
			"version: 1\nrules:\n  - id: a\n    on: message\n    when: {link: {any: true}}\n" +
				"    unless: [{name: x, member: {in: [u]}, until: 2026-11-30}]\n    then: [remove: {}]\n",
			"f:6:50: note: the exception ends in 10 days",
		},
		"an entry that stands twice": {
			"version: 1\nlists:\n  words: {kind: word, values: [a, b, a, b]}\n" +
				"rules: [{id: a, on: message, when: {text: {has_any: words}}, then: [remove: {}]}]\n",
			`f:3:3: note: the list "words" has "a" twice, and 1 more`,
		},
		"more joins than a group of WhatsApp has members": {
			"version: 1\nrules: [{id: a, on: join, when: {count: {joins: 20, within: 1m}}, then: [alert: {}]}]\n",
			"f:2:41: warning: this cannot match on cams, where a group has at most 8 members (write providers: [tencent], and a rule for cams that counts per: account)",
		},
	} {
		if got := problemsOf(t, c.file); !strings.Contains(got, c.want+"\n") {
			t.Errorf("%s: want\n%s\ngot\n%s", name, c.want, got)
		}
	}
}

func TestFarExceptionsAndSmallCountsAreFine(t *testing.T) {
	for _, rule := range []string{
		"{id: a, on: message, when: {link: {any: true}}, unless: [{member: {in: [u]}, until: 2026-12-05}], then: [alert: {}]}",
		"{id: a, on: join, providers: [tencent], when: {count: {joins: 20, within: 1m}}, then: [alert: {}]}",
		"{id: a, on: join, when: {count: {joins: 20, within: 1m, per: account}}, then: [alert: {}]}",
		"{id: a, on: join, when: {count: {joins: 8, within: 1m}}, then: [alert: {}]}",
		"{id: a, on: join, group_types: [Public], when: {count: {joins: 20, within: 1m}}, then: [alert: {}]}",
		"{id: a, on: message, when: {text: {length_over: 5, length_under: 7}}, then: [alert: {}]}",
		"{id: a, on: message, when: {member: {messages_under: 5}, count: {messages: 5, within: 1m}}, then: [alert: {}]}",
		"{id: a, on: message, when: {member: {in: [a, b], not_in: [b]}}, then: [alert: {}]}",
	} {
		got := problemsOf(t, "version: 1\nrules: ["+rule+"]\n")
		if strings.Contains(got, "error") || strings.Contains(got, "warning") || strings.Contains(got, "ends in") {
			t.Errorf("%s\n%s", rule, got)
		}
	}
}

func TestEffectsAreToldForEachKindOfGroup(t *testing.T) {
	for intent, want := range map[string][]string{
		"remove: {}": {"Tencent Private, Tencent Public, Tencent ChatRoom, Tencent Community: delete_group_member;",
			"Tencent AVChatRoom: forbid_send_msg or ban_group_member", "CAMS: DeleteChatGroupParticipants"},
		"remove: {reason: x}":             {"CAMS: DeleteChatGroupParticipants, without reason and silence"},
		"remove: {for: 1h}":               {"Tencent Community: delete_group_member, without for", "for 1h0m0s"},
		"mute: {for: 1m}":                 {"Tencent Private, CAMS: not possible", "forbid_send_msg"},
		"block: {}":                       {"the answer to a Before callback; CAMS: not possible"},
		"recall: {}":                      {"group_msg_recall, under one hour", "CAMS: not possible"},
		"warn: {text: x}":                 {"send_group_msg; CAMS: SendChatappMessage"},
		"dissolve: {}":                    {"destroy_group; CAMS: DeleteChatGroup"},
		"lockdown: {invite_link: revoke}": {"CAMS: DeleteChatGroupInviteLink"},
		"alert: {}":                       {"log, metric and audit"},
		"strike: {}":                      {"a step on the member's ladder"},
		"lockdown: {mute_all: true, invite_link: revoke}": {"CAMS: DeleteChatGroupInviteLink, without the rest",
			"modify_group_base_info, only owner and admins can write until somebody ends it, without invite_link;"},
		"lockdown: {for: 90m, joins: close}": {"Tencent Private: modify_group_base_info, nobody can be invited for 1h30m;",
			"Tencent Public, Tencent Community: modify_group_base_info, nobody can join for 1h30m;",
			"Tencent ChatRoom, Tencent AVChatRoom: not possible;", "CAMS: not possible"},
		"lockdown: {for: 15m, joins: close, mute_all: true}": {
			"Tencent Public, Tencent Community: modify_group_base_info, nobody can join and only owner and admins can write for 15m;",
			"Tencent ChatRoom, Tencent AVChatRoom: modify_group_base_info, only owner and admins can write for 15m, without joins;"},
	} {
		got := problemsOf(t, "version: 1\ndefaults: {allow_dissolve: true}\nrules: [{id: a, on: message, when: {link: {any: true}}, then: ["+intent+"]}]\n")
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: want %s in\n%s", intent, part, got)
			}
		}
	}
}

func TestRoomsOfTUILiveKitAreToldOfWhereARuleNamesThem(t *testing.T) {
	for types, want := range map[string]string{
		"[Live]":         "remove is on Tencent Live: forbid_send_msg or ban_group_member",
		"[Public, Live]": "remove is on Tencent Public: delete_group_member; Tencent Live: forbid_send_msg or ban_group_member",
		"[AVChatRoom]":   "remove is on Tencent AVChatRoom: forbid_send_msg or ban_group_member",
	} {
		got := problemsOf(t, "version: 1\nrules: [{id: a, on: message, group_types: "+types+", when: {link: {any: true}}, then: [remove: {}]}]\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: want %s in\n%s", types, want, got)
		}
	}
}
