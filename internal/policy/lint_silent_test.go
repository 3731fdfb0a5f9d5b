package policy

import (
	"cmp"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// What a person means and YAML, a list file or a provider does not is told, and not passed over in silence.
func TestWhatCannotBeMeantIsTold(t *testing.T) {
	for name, tc := range map[string]struct{ on, rule, file, want string }{
		"backspace in a regex":       {rule: `when: {text: {regex: "\bass\b"}}`, want: "it has a backspace"},
		"backspace in a name":        {rule: `when: {member: {name_matches: "\bass\b"}}`, want: "it has a backspace"},
		"backspace in a list":        {rule: `when: {text: {has_any: r}}`, want: "it has a backspace"},
		"a name on tencent":          {rule: `providers: tencent, when: {member: {name_matches: x1}}`, want: "can never match: the webhooks of tencent tell no names"},
		"a contact card on tencent":  {rule: `providers: tencent, when: {media: {kind_in: [contact]}}`, want: "can never match: messages on tencent have no contact cards"},
		"a mention on cams":          {rule: `providers: cams, when: {mention: {everyone: true}}`, want: "can never match: messages on cams show no mentions"},
		"a forward on cams":          {rule: `providers: cams, when: {media: {kind_in: forward}}`, want: "can never match: messages on cams do not show"},
		"a group with its provider":  {rule: `groups: "tencent:@TGS#1", when: {link: {any: true}}`, want: `"tencent:@TGS#1" fits none`},
		"a number with a plus":       {rule: `when: {member: {id_matches: "+86*"}}`, want: `"+86*" fits none`},
		"a comment behind a member":  {rule: `when: {member: {in: m}, link: {any: true}}`, file: "support_desk  # our people", want: "lists.txt:1:1: error: "},
		"two members in a line":      {rule: `when: {member: {in: m}, link: {any: true}}`, file: "alice, bob", want: "lists.txt:1:1: error: "},
		"a member in quotes":         {rule: `when: {member: {in: m}, link: {any: true}}`, file: `"alice"`, want: "lists.txt:1:1: error: "},
		"a provider in capitals":     {rule: `when: {member: {in: m}, link: {any: true}}`, file: "Tencent:alice", want: `lists.txt:1:1: warning: "Tencent:alice" names no provider`},
		"a number with white space":  {rule: `when: {member: {in: m}, link: {any: true}}`, file: "cams:+1 555 010 0123", want: ""},
		"a comment behind a word":    {rule: `when: {text: {has_any: w}}`, file: "casino # since May", want: "lists.txt:1:1: warning: "},
		"a comment in its own line":  {rule: `when: {text: {has_any: w}}`, file: "# since May\ncasino", want: ""},
		"a regex in single quotes":   {rule: `when: {text: {regex: '\bass\b'}}`, want: ""},
		"a name on cams":             {rule: `providers: cams, when: {member: {name_matches: x1}}`, want: ""},
		"a name of who joins":        {on: "join", rule: `when: {member: {name_matches: x1}}`, want: `can never match: no join tells the member's name (add message to on)`},
		"a name of either":           {on: "[message, join]", rule: `when: {member: {name_matches: x1}}`, want: ""},
		"a name that excuses all":    {rule: `providers: tencent, when: {link: {any: true}}, unless: [{member: {name_matches: x1}}]`, want: "warning: this is always taken to hold, in the member's favour: the webhooks of tencent"},
		"a name that excuses some":   {rule: `when: {link: {any: true}}, unless: [{member: {name_matches: x1}}]`, want: "warning: on tencent this is taken to hold, in the member's favour"},
		"a name that is denied":      {rule: `providers: tencent, when: {link: {any: true}, not: {member: {name_matches: x1}}}`, want: "warning: this is always taken to hold, in the member's favour"},
		"a name in groups of cams":   {rule: `group_types: WhatsApp, when: {link: {any: true}}, unless: [{member: {name_matches: x1}}]`, want: ""},
		"a mention by group type":    {rule: `group_types: WhatsApp, when: {mention: {everyone: true}}`, want: "can never match: messages on cams show no mentions (add types of tencent to group_types)"},
		"inviters on cams":           {on: "join", rule: `providers: cams, when: {count: {joins: 3, within: 1h, per: inviter}}`, want: "can never match: joins on cams have no inviter (add tencent to providers)"},
		"inviters on tencent":        {on: "join", rule: `providers: tencent, when: {count: {joins: 3, within: 1h, per: inviter}}`, want: ""},
		"a plus on tencent alone":    {rule: `providers: tencent, when: {member: {id_matches: "+86*"}}`, want: ""},
		"a backspace in CEL":         {rule: `when: {cel: 'event.text.matches("\bass\b")'}`, want: `matches has a backspace, which \b is in a text: write r'…'`},
		"a border in CEL":            {rule: `when: {cel: 'event.text.matches(r"\bass\b")'}`, want: ""},
		"a slash before a regex":     {rule: `when: {text: {regex: '/casino/i'}}`, want: `"/casino/i" is one expression, with its slashes and what stands behind (write 'casino': capitals make no difference)`},
		"a slash before a name":      {rule: `providers: cams, when: {member: {name_matches: '/admin/i'}}`, want: `"/admin/i" is one expression`},
		"a slash in a list":          {rule: `when: {text: {has_any: rf}}`, file: "/casino/i", want: `lists.txt:1:1: warning: "/casino/i" is one expression`},
		"a path in a regex":          {rule: `when: {text: {regex: '/casino/index'}}`, want: ""},
		"curly quotes":               {rule: `when: {text: {has_any: [“casino”]}}`, want: `warning: “casino” has quotes that are none to YAML, and belong to it (write "casino")`},
		"curly quotes in a regex":    {rule: `when: {text: {regex: “casino”}}`, want: "has quotes that are none to YAML"},
		"curly quotes in an ID":      {rule: `when: {member: {id_matches: ‘bot*’}}`, want: "has quotes that are none to YAML"},
		"curly quotes in a list":     {rule: `when: {text: {has_any: w}}`, file: "“casino”", want: `lists.txt:1:1: warning: "“casino”" is one entry, with its quotes`},
		"a member in curly quotes":   {rule: `when: {member: {in: m}, link: {any: true}}`, file: "“alice”", want: "lists.txt:1:1: error: "},
		"curly quotes in others":     {rule: `when: {text: {has_any: ["“casino”"]}}`, want: ""},
		"a comment behind a regex":   {rule: `when: {text: {has_any: rf}}`, file: "casino # since May", want: "lists.txt:1:1: warning: "},
		"a hashtag in a word":        {rule: `when: {text: {has_any: w}}`, file: "free #bitcoin", want: ""},
		"a number as dialled":        {rule: `when: {phone: {in: p}}`, file: "0170 5550100", want: `begins with 0, and numbers on cams begin with the country code (such as +15550100123)`},
		"a number from abroad":       {rule: `when: {phone: {in: p}}`, file: "0049 170 5550100", want: `(write "+49 170 5550100")`},
		"a name on one of both, any": {rule: `providers: tencent, when: {any: [{member: {name_matches: x1}}, {link: {any: true}}]}`, want: "warning: this never holds"},
	} {
		t.Run(name, func(t *testing.T) {
			lists := ""
			for list, decl := range map[string]string{
				"m": "{kind: member, file: lists.txt}", "w": "{kind: word, file: lists.txt}", "p": "{kind: phone, file: lists.txt}",
				"rf": "{kind: regex, file: lists.txt}", "r": `{kind: regex, values: ["\bass\b"]}`,
			} {
				if strings.Contains(tc.rule, ": "+list+"}") {
					lists = "lists: {" + list + ": " + decl + "}\n"
				}
			}
			src := Source{
				Name:     "rules.yaml",
				Data:     []byte("version: 1\ndefaults: {brake: off}\n" + lists + "rules:\n  - {id: a, on: " + cmp.Or(tc.on, "message") + ", mode: enforce, " + tc.rule + ", then: [alert: {}]}\n"),
				ReadFile: func(string) ([]byte, error) { return []byte(tc.file + "\n"), nil },
			}
			_, problems := Load(src, testNow)
			var told []string
			for _, p := range problems {
				if p.Severity != SeverityNote {
					told = append(told, p.String())
				}
			}
			if all := strings.Join(told, "\n"); tc.want == "" && all != "" || !strings.Contains(all, tc.want) {
				t.Fatalf("want %q, have:\n%s", tc.want, all)
			}
		})
	}
}

// An expression about a name that nobody knows excuses the member, as name_matches does.
func TestAnUnknownNameExcusesInCEL(t *testing.T) {
	for _, expr := range []string{`!event.name.matches("^[A-Za-z ]+$")`, `member.name == ""`, `member.name.size() < 2`} {
		if removed(cel1(t, expr), message("hello"), chat.Facts{}) {
			t.Errorf("%s removes a member whose name nobody knows", expr)
		}
	}
}

// Keys and intents that others have elsewhere, or call by another name.
func TestWhatOthersCallItIsHinted(t *testing.T) {
	const rule = "version: 1\nrules:\n  - {id: a, on: message, when: {link: {any: true}}, then: THEN}\n"
	for _, test := range []struct{ file, want string }{
		{strings.Replace(rule, "THEN", "[ban: {}]", 1), `then has no key "ban" (did you mean "remove"?)`},
		{strings.Replace(rule, "THEN", "[kick: {}]", 1), `then has no key "kick" (did you mean "remove"?)`},
		{strings.Replace(rule, "THEN", "[kick]", 1), `an intent must be a map (did you mean "remove"?)`},
		{strings.Replace(rule, "THEN", "[remove]", 1), `an intent must be a map (write remove: {})`},
		{"exempt: {members: [bob]}\n" + strings.Replace(rule, "THEN", "[remove: {}]", 1), `the file has no key "exempt" (it stands under defaults)`},
	} {
		if got := problemsOf(t, test.file); !strings.Contains(got, test.want) {
			t.Errorf("want %s, got\n%s", test.want, got)
		}
	}
}
