package sim

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWindowSlides(t *testing.T) {
	base := time.Unix(1700000000, 0)
	for _, tt := range []struct {
		name  string
		at    []time.Duration
		limit int
		ok    []bool
		most  int
	}{
		{"within the limit", []time.Duration{0, 1, 2}, 3, []bool{true, true, true}, 3},
		{"one over", []time.Duration{0, 1, 2}, 2, []bool{true, true, false}, 3},
		{"a second apart is never together", []time.Duration{0, time.Second, 2 * time.Second}, 1, []bool{true, true, true}, 1},
		{"just under a second", []time.Duration{0, time.Second - 1}, 1, []bool{true, false}, 2},
		{"two bunches around a full second", []time.Duration{900 * time.Millisecond, 950 * time.Millisecond, 1100 * time.Millisecond}, 2,
			[]bool{true, true, false}, 3},
		{"refused ones take no place", []time.Duration{0, 1, 999 * time.Millisecond, time.Second}, 1, []bool{true, false, false, true}, 3},
		{"unlimited", []time.Duration{0, 0, 0}, -1, []bool{true, true, true}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var w windows
			var got []bool
			for _, d := range tt.at {
				ok, wait := w.arrive("api", base.Add(d), tt.limit)
				if ok != (wait == 0) {
					t.Errorf("at %v: ok %v with a wait of %v", d, ok, wait)
				}
				got = append(got, ok)
			}
			calls, most := w.counts("api")
			if !slices.Equal(got, tt.ok) || most != tt.most || calls != len(tt.at) {
				t.Errorf("admitted %v, most %d, calls %d; want %v, %d", got, most, calls, tt.ok, tt.most)
			}
		})
	}
}

func TestTencentRefusesCallsOverTheLimitPerCommand(t *testing.T) {
	now := time.Unix(1700000000, 0)
	b := start(t, Options{Now: func() time.Time { return now }, Tencent: TencentOptions{Rate: 2}})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a"}})
	body := `{"GroupId":"g","MemberToDel_Account":["a"]}`
	for i, want := range []int{0, 0, tooOften} {
		if got := b.code("delete_group_member", body); got != want {
			t.Errorf("call %d: code %d, want %d", i+1, got, want)
		}
	}
	if got := b.code("get_group_info", `{"GroupIdList":["g"]}`); got != 0 {
		t.Errorf("another command: code %d, want 0", got)
	}
	now = now.Add(time.Second)
	if got := b.code("delete_group_member", body); got != 0 {
		t.Errorf("a second later: code %d, want 0", got)
	}
	if calls, most := b.Calls("delete_group_member"), b.MaxWindow("delete_group_member"); calls != 4 || most != 3 {
		t.Errorf("%d calls, most %d; want 4 and 3, the refused one included", calls, most)
	}
}

func TestCAMSThrottlesAndSaysForHowLong(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	b := start(t, Options{Now: func() time.Time { return now }, CAMS: CAMSOptions{Rate: 1}})
	b.add(whatsApp("15550100001"))
	id := map[string]string{"GroupId": "wa"}
	b.operation("ListChatGroupParticipants", id)
	now = now.Add(400 * time.Millisecond)
	status, answer, header := b.do(b.signed(b.cams("ListChatGroupParticipants", id), usual))
	if status != http.StatusBadRequest || answer["Code"] != "Throttling.User" {
		t.Errorf("HTTP %d, %v", status, answer)
	}
	if got := header.Get("x-ratelimit-user-api"); !strings.Contains(got, "TimeLeft:600") {
		t.Errorf("x-ratelimit-user-api is %q, want TimeLeft:600 in it", got)
	}
	now = now.Add(600 * time.Millisecond)
	if _, code, _ := b.operation("ListChatGroupParticipants", id); code != "OK" {
		t.Errorf("when the time is over: %s", code)
	}
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	b := start(t, Options{HistorySize: 3})
	for range 5 {
		b.code("get_group_info", `{"GroupIdList":["g"]}`)
	}
	b.code("destroy_group", `{"GroupId":"g"}`)
	h := b.History()
	if len(h) != 3 || h[2].API != "destroy_group" || h[2].Code != "10010" || h[0].API != "get_group_info" {
		t.Errorf("history %+v", h)
	}
	if b.Calls("get_group_info") != 5 {
		t.Errorf("%d calls counted, want 5", b.Calls("get_group_info"))
	}
}
