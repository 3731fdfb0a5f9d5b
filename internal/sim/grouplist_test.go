package sim

import (
	"fmt"
	"testing"
)

func TestGroupListGoesByPagesAndTypes(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{Rate: -1}})
	for i := range 5 {
		kind := Public
		if i == 4 {
			kind = Private
		}
		b.add(Group{Provider: Tencent, ID: fmt.Sprintf("g%d", i), Type: kind})
	}
	b.add(Group{Provider: CAMS, ID: "wa", Type: WhatsApp})
	for body, want := range map[string]string{
		`{"Limit":2}`:                        "5 2 2",
		`{"Limit":2,"Next":2}`:               "5 2 4",
		`{"Limit":2,"Next":4}`:               "5 1 0",
		`{"Limit":10000,"Next":0}`:           "5 5 0",
		`{"Limit":10,"GroupType":"Private"}`: "1 1 0",
		`{"Limit":10,"Next":99}`:             "5 0 0",
	} {
		r := b.tencent("get_appid_group_list", body)
		if got := fmt.Sprint(r["TotalCount"], len(r["GroupIdList"].([]any)), r["Next"]); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for _, body := range []string{`{}`, `{"Limit":0}`, `{"Limit":10001}`, `{"Limit":"1"}`, `{"Limit":1,"Next":"x"}`, `{"Limit":1,"Offset":1}`} {
		if r := b.tencent("get_appid_group_list", body); r["ErrorCode"] != float64(badParameter) {
			t.Errorf("%s: %v", body, r)
		}
	}
}

func TestGroupListIsAskedOnceASecond(t *testing.T) {
	b := start(t, Options{})
	first := b.tencent("get_appid_group_list", `{"Limit":1}`)
	second := b.tencent("get_appid_group_list", `{"Limit":1}`)
	if first["ErrorCode"] != float64(0) || second["ErrorCode"] != float64(tooOften) {
		t.Errorf("got %v and %v", first, second)
	}
}
