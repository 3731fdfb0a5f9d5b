package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// What a person means and YAML, a list file or a provider does not is told, and not passed over in silence.
func TestWhatCannotBeMeantIsTold(t *testing.T) {
	for name, tc := range map[string]struct{ rule, file, want string }{
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
		"a name on one of both, any": {rule: `providers: tencent, when: {any: [{member: {name_matches: x1}}, {link: {any: true}}]}`, want: "warning: this never holds"},
	} {
		t.Run(name, func(t *testing.T) {
			lists := ""
			for list, decl := range map[string]string{"m": "{kind: member, file: lists.txt}", "w": "{kind: word, file: lists.txt}", "r": `{kind: regex, values: ["\bass\b"]}`} {
				if strings.Contains(tc.rule, ": "+list+"}") {
					lists = "lists: {" + list + ": " + decl + "}\n"
				}
			}
			src := Source{
				Name:     "rules.yaml",
				Data:     []byte("version: 1\ndefaults: {brake: off}\n" + lists + "rules:\n  - {id: a, on: message, mode: enforce, " + tc.rule + ", then: [alert: {}]}\n"),
				ReadFile: func(string) ([]byte, error) { return []byte(tc.file + "\n"), nil },
			}
			_, problems := Load(src, time.Now())
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
	for _, expr := range []string{`!event.name.matches('^[A-Za-z ]+$')`, `member.name == ''`, `member.name.size() < 2`} {
		rules, problems := Load(Source{Name: "rules.yaml", Data: []byte("version: 1\ndefaults: {brake: off}\nrules:\n  - {id: a, on: message, mode: enforce, when: {cel: \"" +
			expr + "\"}, then: [remove: {}]}\n")}, time.Now())
		if rules == nil {
			t.Fatal(problems)
		}
		e := chat.Event{At: time.Now(), Group: chat.Group{Provider: chat.Tencent, Account: "1", ID: "g"}, GroupType: chat.Public, ID: "1", Kind: chat.Message, Member: "u1", Text: "hello"}
		x := rules.Examine(&e)
		if d := x.Judge(); len(d.Matches) > 0 {
			t.Errorf("%s removes a member whose name nobody knows", expr)
		}
		x.Release()
	}
}
