package cams

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// listAnswer is one page of members.
func listAnswer(total int, members ...string) string {
	type row struct{ ParticipantNumber string }
	rows := []row{}
	for _, m := range members {
		rows = append(rows, row{m})
	}
	body := must(json.Marshal(map[string]any{"Code": "OK", "Success": true, "Data": map[string]any{"Total": total, "List": rows}}))
	return string(body)
}

func TestMemberListsThatAddUp(t *testing.T) {
	var many []string
	for i := range pageSize + 3 {
		many = append(many, fmt.Sprintf("1555010%04d", i))
	}
	for name, tc := range map[string]struct {
		pages []string
		want  int
	}{
		"the sample":       {[]string{sample(t, "api_list_participants.json")}, 3},
		"nobody":           {[]string{sample(t, "api_list_participants_empty.json")}, 0},
		"two pages":        {[]string{listAnswer(len(many), many[:pageSize]...), listAnswer(len(many), many[pageSize:]...)}, len(many)},
		"with a plus sign": {[]string{listAnswer(1, "+15550100001")}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiMembers: pages(tc.pages)})
			got, err := r.client.ListChatGroupParticipants(t.Context(), "G1")
			if err != nil || len(got) != tc.want || len(r.made()) != len(tc.pages) || len(r.gate.taken()) != len(tc.pages) {
				t.Fatalf("%d members, %v, with %d calls and %d slots", len(got), err, len(r.made()), len(r.gate.taken()))
			}
			for i, m := range got {
				if !digits(string(m)) {
					t.Errorf("member %d is %q", i, m)
				}
			}
			for i, c := range r.calls {
				if want := fmt.Sprintf(`{"Index":%d,"Size":%d}`, i+1, pageSize); c.Get("Page") != want {
					t.Errorf("page is %s, want %s", c.Get("Page"), want)
				}
			}
		})
	}
}

func pages(bodies []string) []reply {
	var out []reply
	for _, b := range bodies {
		out = append(out, reply{body: b})
	}
	return out
}

func TestMemberListsThatDoNotAddUp(t *testing.T) {
	for name, bodies := range map[string][]string{
		"fewer than the total":        {listAnswer(3, "15550100001"), listAnswer(3)},
		"more than the total":         {listAnswer(1, "15550100001", "15550100002")},
		"a total that changes":        {listAnswer(2, "15550100001"), listAnswer(3, "15550100002")},
		"a total that changes to fit": {listAnswer(2, "15550100001"), listAnswer(3, "15550100002", "15550100003")},
		"a member twice":              {listAnswer(2, "15550100001"), listAnswer(2, "+15550100001")},
		"an empty row":                {listAnswer(1, "")},
		"no data":                     {okAnswer},
		"no total":                    {`{"Code":"OK","Data":{"List":[]}}`},
		"data of another shape":       {`{"Code":"OK","Data":[1]}`},
		"a success that says false":   {strings.Replace(listAnswer(1, "15550100001"), "true", "false", 1)},
		"more pages than are walked":  endless(),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string][]reply{apiMembers: pages(bodies)})
			if got, err := r.client.ListChatGroupParticipants(t.Context(), "G1"); !errors.Is(err, ErrIncomplete) || got != nil {
				t.Fatalf("list is %v, %v", got, err)
			}
			if n := len(r.made()); n > maxMemberPages {
				t.Errorf("%d pages were read", n)
			}
		})
	}
}

func endless() []string {
	var out []string
	for i := range maxMemberPages + 5 {
		out = append(out, listAnswer(1000, fmt.Sprintf("1555010%04d", i)))
	}
	return out
}

func TestListChatGroup(t *testing.T) {
	r := newRig(t, map[string][]reply{apiGroups: {{body: sample(t, "api_list_groups.json")}}})
	got, err := r.client.ListChatGroup(t.Context())
	want := []GroupInfo{{ID: "EA93UU0001", Status: "ACTIVE", InviteLink: "https://chat.whatsapp.com/ExampleInvite0001"}, {ID: "EA93UU0002", Status: "SUSPENDED"}}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("groups are %+v, %v", got, err)
	}
}
