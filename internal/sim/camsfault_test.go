package sim

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// listed returns the numbers that a reading of the member list names.
func (b *bench) listed() []string {
	b.t.Helper()
	_, _, answer := b.operation("ListChatGroupParticipants", map[string]string{"GroupId": "wa"})
	return numbers(answer)
}

func TestCAMSFaultsOfRemovals(t *testing.T) {
	no, twenty, none := false, 20, 0
	for _, tt := range []struct {
		name    string
		fault   Fault
		success bool
		result  float64
		lists   [][]string // what the readings after it name
	}{
		{"as the page's sample, and done", Fault{CAMS: &CAMSFault{Success: &no, Result: &twenty}}, false, 20, [][]string{{"15550100003"}}},
		{"as the page's sample, and not done", Fault{CAMS: &CAMSFault{Success: &no, Result: &twenty, Nothing: true}}, false, 20,
			[][]string{{"15550100001", "15550100002", "15550100003"}}},
		{"no row counted, and done", Fault{CAMS: &CAMSFault{Result: &none}}, true, 0, [][]string{{"15550100003"}}},
		{"half of it", Fault{Partial: true}, true, 1, [][]string{{"15550100002", "15550100003"}}},
		{"said to be done", Fault{CAMS: &CAMSFault{Nothing: true, Result: &twenty}}, true, 20, [][]string{{"15550100001", "15550100002", "15550100003"}}},
		{"listed for two readings more", Fault{CAMS: &CAMSFault{Linger: 2}}, true, 2,
			[][]string{{"15550100003", "15550100001", "15550100002"}, {"15550100003", "15550100001", "15550100002"}, {"15550100003"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
			b.add(whatsApp("15550100001", "15550100002", "15550100003"))
			if err := b.Inject(tt.fault); err != nil {
				t.Fatal(err)
			}
			_, code, answer := b.operation("DeleteChatGroupParticipants", participants("15550100001", "15550100002"))
			if code != "OK" || answer["Success"] != tt.success || answer["Result"] != tt.result {
				t.Errorf("answer %v", answer)
			}
			for i, want := range tt.lists {
				if got := b.listed(); !slices.Equal(got, want) {
					t.Errorf("reading %d names %v, want %v", i+1, got, want)
				}
			}
			if h := b.History()[0]; !h.Fault || h.struck != nil {
				t.Errorf("history keeps %+v", h)
			}
		})
	}
}

func TestCAMSFaultsOfInviteLinks(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	id := map[string]string{"GroupId": "wa"}
	link := func() string { return b.world.Groups()[0].Link }
	first := link()
	if err := b.Inject(Fault{CAMS: &CAMSFault{Nothing: true}}, Fault{CAMS: &CAMSFault{NewLink: true}}); err != nil {
		t.Fatal(err)
	}
	if _, _, a := b.operation("DeleteChatGroupInviteLink", id); a["Result"] != 0.0 || link() != first {
		t.Errorf("%v, and the link is %q", a, link())
	}
	if _, _, a := b.operation("DeleteChatGroupInviteLink", id); a["Result"] != 1.0 || link() == first || link() == "" {
		t.Errorf("%v, and the link is %q", a, link())
	}
}

func TestCAMSThrottlingSaysHowLong(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	if err := b.Inject(Fault{Code: "Throttling.Api", CAMS: &CAMSFault{TimeLeft: 1500}}); err != nil {
		t.Fatal(err)
	}
	status, answer, header := b.do(b.signed(b.cams("ListChatGroupParticipants", map[string]string{"GroupId": "wa"}), usual))
	if status != http.StatusBadRequest || answer["Code"] != "Throttling.Api" || !strings.Contains(header.Get("x-ratelimit-user-api"), "TimeLeft:1500") {
		t.Errorf("HTTP %d, %v, %v", status, answer, header)
	}
}

func TestUselessCAMSFaultsAreRefused(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	for _, f := range []*CAMSFault{{}, {Linger: -1}, {TimeLeft: -1}} {
		if s.Inject(Fault{CAMS: f}) == nil {
			t.Errorf("fault %+v was taken", *f)
		}
	}
}

func TestARemovedNumberComesBackOnlyPastTheLink(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1, Linger: 5}})
	got := b.add(whatsApp("15550100001", "15550100002")).listen(accept)
	b.operation("DeleteChatGroupParticipants", participants("15550100001"))
	b.operation("DeleteChatGroupInviteLink", map[string]string{"GroupId": "wa"})
	b.operation("AddChatGroupInviteLink", map[string]string{"GroupId": "wa"})
	if b.world.Join("wa", "15550100001") == nil {
		t.Error("a removed number came back through a new link")
	}
	if err := b.world.Admit("wa", "15550100001"); err != nil {
		t.Fatal(err)
	}
	if list := b.listed(); !slices.Equal(list, []string{"15550100002", "15550100001"}) {
		t.Errorf("the list names %v", list)
	}
	if all := b.idle(got); len(all) != 0 {
		t.Errorf("%d pushes told of it", len(all))
	}
	b.operation("DeleteChatGroupParticipants", participants("15550100001"))
	if b.world.Join("wa", "15550100001") == nil {
		t.Error("the second removal does not hold")
	}
}

func TestNobodyIsAdmittedWhereThatCannotBe(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public}, whatsApp("1", "2", "3", "4", "5", "6", "7", "8"))
	for _, of := range [][2]string{{"g", "15550100001"}, {"nowhere", "15550100001"}, {"wa", ""}, {"wa", "15550100001"}} {
		if b.world.Admit(of[0], of[1]) == nil {
			t.Errorf("%q was admitted to %q", of[1], of[0])
		}
	}
}

func TestCAMSFaultsOfTheControlSurface(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(whatsApp("15550100001"))
	status, answer, _ := b.do(b.request(http.MethodPost, "/sim/fault", `{"api":"DeleteChatGroupParticipants","cams":{"success":false,"result":20,"linger":1}}`))
	if status != http.StatusOK {
		t.Fatalf("HTTP %d, %v", status, answer)
	}
	if _, _, a := b.operation("DeleteChatGroupParticipants", participants("15550100001")); a["Success"] != false || a["Result"] != 20.0 {
		t.Errorf("answer %v", a)
	}
	if len(b.listed()) != 1 || len(b.listed()) != 0 {
		t.Error("the member was not listed once more")
	}
}
