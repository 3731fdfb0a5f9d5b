package cams

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// push builds one inbound item, with fields replaced or, by nil, left out.
func push(changes map[string]any) string {
	item := map[string]any{
		"MessageId": "m1", "From": "15550100001", "To": testBusiness, "Type": "TEXT", "Message": "hi",
		"Timestamp": 1795165200000, "Name": "Alex", "CustSpaceId": testSpace, "GroupId": "G1",
	}
	for k, v := range changes {
		item[k] = v
		if v == nil {
			delete(item, k)
		}
	}
	body, err := json.Marshal([]any{item})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func TestWhoSaidIt(t *testing.T) {
	for name, tc := range map[string]struct {
		changes map[string]any
		member  chat.MemberID
		trusted bool
	}{
		"digits":                     {nil, "15550100001", false},
		"plus sign":                  {map[string]any{"From": "+15550100001"}, "15550100001", false},
		"a JSON number":              {map[string]any{"From": 15550100001}, "15550100001", false},
		"written with blanks":        {map[string]any{"From": "+1 (555) 010-0001"}, "15550100001", false},
		"user ID only":               {map[string]any{"From": "", "FromUserId": "US.10000000000000000001"}, "US.10000000000000000001", false},
		"no From at all":             {map[string]any{"From": nil, "FromUserId": "US.1"}, "US.1", false},
		"number before user ID":      {map[string]any{"FromUserId": "US.1"}, "15550100001", false},
		"user ID where a number was": {map[string]any{"From": "US.15550100002"}, "US.15550100002", false},
		"letters among digits":       {map[string]any{"From": "1555x0100001"}, "1555x0100001", false},
		"dots among digits":          {map[string]any{"From": "1.5550100001"}, "1.5550100001", false},
		"business number":            {map[string]any{"From": "+" + testBusiness}, testBusiness, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := decode(t, testWebhook(), push(tc.changes))
			if len(d.Events) != 1 || d.Events[0].Member != tc.member || d.Events[0].Trusted != tc.trusted {
				t.Fatalf("Decode gives %+v", d.Events)
			}
		})
	}
}

func TestWhichGroup(t *testing.T) {
	for name, tc := range map[string]struct {
		keys    []string
		changes map[string]any
		group   chat.GroupID // empty: no event
	}{
		"default key":                    {nil, nil, "G1"},
		"default key in another case":    {nil, map[string]any{"GroupId": nil, "groupID": "G2"}, "G2"},
		"Meta's spelling":                {nil, map[string]any{"GroupId": nil, "group_id": "G3"}, "G3"},
		"a key that is not configured":   {nil, map[string]any{"GroupId": nil, "Group": "G4"}, ""},
		"configured instead of default":  {[]string{"ChatGroup"}, nil, ""},
		"configured key":                 {[]string{"ChatGroup"}, map[string]any{"chatgroup": "G5"}, "G5"},
		"the first configured key wins":  {[]string{"a", "b"}, map[string]any{"b": "GB", "a": "GA"}, "GA"},
		"empty":                          {nil, map[string]any{"GroupId": ""}, ""},
		"an object is no group":          {nil, map[string]any{"GroupId": map[string]any{"id": "G"}}, ""},
		"another channel":                {nil, map[string]any{"CustSpaceId": "cams-other"}, ""},
		"channel not named":              {nil, map[string]any{"CustSpaceId": nil}, "G1"},
		"another business number":        {nil, map[string]any{"To": "15550100098"}, ""},
		"business number not named":      {nil, map[string]any{"To": nil}, "G1"},
		"business number with plus sign": {nil, map[string]any{"To": "+" + testBusiness}, "G1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := decode(t, testWebhook(tc.keys...), push(tc.changes))
			var got chat.GroupID
			if len(d.Events) > 0 {
				got = d.Events[0].Group.ID
			}
			if got != tc.group {
				t.Fatalf("group is %q, want %q", got, tc.group)
			}
		})
	}
}

func TestWhenItHappened(t *testing.T) {
	sent := arrival.Add(-time.Second)
	for name, tc := range map[string]struct {
		stamp any
		want  time.Time
	}{
		"milliseconds":           {1795165200000, sent},
		"milliseconds as string": {" 1795165200000 ", sent},
		"seconds":                {1795165200, sent},
		"seconds as string":      {"1795165200", sent},
		"ahead of our clock":     {1795165300000, arrival},
		"missing":                {nil, arrival},
		"negative":               {-5, arrival},
		"not a number":           {"NaN", arrival},
		"absurd":                 {"1e300", arrival},
		"text":                   {"yesterday", arrival},
	} {
		t.Run(name, func(t *testing.T) {
			d := decode(t, testWebhook(), push(map[string]any{"Timestamp": tc.stamp}))
			if got := d.Events[0].At; !got.Equal(tc.want) {
				t.Fatalf("event is at %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWhatWasSaid(t *testing.T) {
	long := strings.Repeat("é", maxText)
	for name, tc := range map[string]struct {
		typ     string
		message any
		text    string
	}{
		"plain text":                           {"TEXT", "buy now", "buy now"},
		"text inside an object":                {"text", map[string]any{"text": "buy now"}, "buy now"},
		"text inside an object in a string":    {"TEXT", `{"text":"buy now"}`, "buy now"},
		"JSON that a member typed stays whole": {"TEXT", `{"text":"hello","x":"buy now"}`, `{"text":"hello","x":"buy now"}`},
		"broken JSON that a member typed":      {"TEXT", `{"text":`, `{"text":`},
		"text that looks deep":                 {"TEXT", strings.Repeat("{", 100), strings.Repeat("{", 100)},
		"caption":                              {"IMAGE", `{"caption":"buy now","url":"https://media.example.com/spam"}`, "buy now"},
		"media with a bare string":             {"IMAGE", "buy now", "buy now"},
		"twice encoded":                        {"IMAGE", `"{\"caption\":\"buy now\"}"`, "buy now"},
		"as an array":                          {"CONTACTS", []any{map[string]any{"name": "Sam", "urls": []any{map[string]any{"url": "spam.example"}}}}, "Sam\nspam.example"},
		"cut at a character border":            {"TEXT", "x" + long, ("x" + long)[:maxText-1]},
	} {
		t.Run(name, func(t *testing.T) {
			d := decode(t, testWebhook(), push(map[string]any{"Type": tc.typ, "Message": tc.message}))
			if got := d.Events[0].Text; got != tc.text || !utf8.ValidString(got) {
				t.Fatalf("text is %.80q (%d bytes), want %.80q (%d bytes)", got, len(got), tc.text, len(tc.text))
			}
		})
	}
}

func TestOneBadItemDoesNotLoseTheOthers(t *testing.T) {
	good := strings.Trim(push(nil), "[]")
	for name, bad := range map[string]string{
		"not an object": `17`, "group named twice": `{"MessageId":"2","From":"1","Message":"x","GroupId":"A","groupid":"B"}`,
		"no member":             `{"MessageId":"2","From":"","Message":"x","Type":"TEXT","GroupId":"A"}`,
		"group ID too long":     `{"MessageId":"2","From":"1","Message":"x","Type":"TEXT","GroupId":"` + strings.Repeat("A", 300) + `"}`,
		"key twice in a string": `{"MessageId":"2","From":"1","Type":"IMAGE","Message":"{\"caption\":\"x\",\"Caption\":\"y\"}","GroupId":"A"}`,
		"key twice inside":      `{"MessageId":"2","From":"1","Type":"IMAGE","Message":{"caption":"x","Caption":"y"},"GroupId":"A"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := testWebhook()
			d := decode(t, w, "["+bad+","+good+"]")
			if len(d.Events) != 1 || d.Events[0].ID != "m:m1" {
				t.Fatalf("Decode gives %+v", d.Events)
			}
			if got := testutil.ToFloat64(w.Refused); got != 1 {
				t.Errorf("%v items refused, want 1", got)
			}
		})
	}
}

func TestRepeatedPushesHaveTheSameID(t *testing.T) {
	for name, tc := range map[string]struct {
		changes map[string]any
		id      chat.EventID
	}{
		"message ID":           {nil, "m:m1"},
		"message ID in digits": {map[string]any{"MessageId": 20261120}, "m:20261120"},
	} {
		if got := decode(t, testWebhook(), push(tc.changes)).Events[0].ID; got != tc.id {
			t.Errorf("%s: ID is %q, want %q", name, got, tc.id)
		}
	}
	for _, id := range []any{nil, strings.Repeat("x", 1000)} {
		changes := map[string]any{"MessageId": id}
		first := decode(t, testWebhook(), push(changes)).Events[0].ID
		again := decode(t, testWebhook(), push(changes)).Events[0].ID
		changes["Message"], changes["MessageId"] = "other", id
		if first != again || len(first) > maxID || first == "" {
			t.Errorf("IDs of one message without a usable ID are %q and %q", first, again)
		}
	}
}
