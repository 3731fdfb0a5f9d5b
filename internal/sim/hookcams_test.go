package sim

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestInboundQuirks(t *testing.T) {
	at := time.UnixMilli(1795165200000)
	item := func(key, stamp string, message any, plus string) row {
		return row{"MessageId": "20261120090000000001", "From": plus + "15550100001", "To": plus + "15550100099", "DisplayName": "15550100001", "Name": "15550100001",
			"Type": "TEXT", "Message": message, stamp: 1795165200000, "CustSpaceId": "cams-simulated01", "WabaId": "900000000000001", "NoticeType": "inbound", key: "wa"}
	}
	plain := item("GroupId", "Timestamp", "hello", "")
	for _, tt := range []struct {
		name string
		o    CAMSOptions
		want any
	}{
		{"none", CAMSOptions{}, []row{plain}},
		{"another group key", CAMSOptions{GroupKey: "group_id"}, []row{item("group_id", "Timestamp", "hello", "")}},
		{"single object", CAMSOptions{Quirks: Quirks{SingleObject: true}}, plain},
		{"double encoded", CAMSOptions{Quirks: Quirks{DoubleEncoded: true}}, string(encode([]row{plain}))},
		{"object message", CAMSOptions{Quirks: Quirks{ObjectMessage: true}}, []row{item("GroupId", "Timestamp", row{"text": "hello"}, "")}},
		{"spaced key", CAMSOptions{Quirks: Quirks{SpacedTimestamp: true}}, []row{item("GroupId", "Timestamp ", "hello", "")}},
		{"plus", CAMSOptions{Quirks: Quirks{Plus: true}}, []row{item("GroupId", "Timestamp", "hello", "+")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t, Options{CAMS: tt.o})
			got := b.add(whatsApp("15550100001")).listen(accept)
			if _, err := b.world.Post(Message{Group: "wa", Member: "15550100001", Text: "hello", At: at}); err != nil {
				t.Fatal(err)
			}
			all := b.idle(got)
			if len(all) != 1 || all[0].path != "/webhook/cams/simulated-webhook-secret" || string(all[0].body) != string(encode(tt.want)) {
				t.Errorf("pushes %s %s, want %s", all[0].path, all[0].body, encode(tt.want))
			}
		})
	}
}

func TestCAMSRepeatsUntilItsAnswerIsRight(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string // of status 200; empty is 500
		sent    int
		lost    int
	}{
		{"right at once", []string{`{"code":0}`}, 1, 0},
		{"right at last", []string{"", `{"code":"0"}`, `{"code":0,"msg":"ok"}`}, 3, 0},
		{"never", []string{"", "", ""}, 3, 1},
		{"Tencent's answer", []string{`{"ErrorCode":0}`, `{"code":1}`, `{"code":0}`}, 3, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t, Options{CAMS: CAMSOptions{HookRetries: []time.Duration{time.Millisecond, 5 * time.Millisecond}}})
			got := b.add(whatsApp("15550100001")).listen(func(n int, _ push) (int, string) {
				if tt.answers[n] == "" {
					return http.StatusInternalServerError, ""
				}
				return http.StatusOK, tt.answers[n]
			})
			if _, err := b.world.Say("wa", "15550100001", "hello"); err != nil {
				t.Fatal(err)
			}
			if all := b.idle(got); len(all) != tt.sent || b.HookCounts().Lost != tt.lost {
				t.Errorf("%d pushes, %+v", len(all), b.HookCounts())
			}
			var attempts []int
			for _, h := range b.Hooks() {
				attempts = append(attempts, h.Attempt)
			}
			if want := []int{1, 2, 3}[:tt.sent]; !slices.Equal(attempts, want) {
				t.Errorf("attempts %v, want %v", attempts, want)
			}
		})
	}
}

func TestCAMSWaitsOneAndFiveMinutesByDefault(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	if got, want := s.Options().CAMS.HookRetries, []time.Duration{time.Minute, 5 * time.Minute}; !slices.Equal(got, want) {
		t.Errorf("pauses %v, want %v", got, want)
	}
}

func TestWhatsAppJoinsSendNothing(t *testing.T) {
	b := start(t, Options{})
	got := b.add(whatsApp("15550100001")).listen(accept)
	for i := range 3 {
		if err := b.world.Join("wa", fmt.Sprintf("1555010010%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.world.Leave("wa", "15550100001"); err != nil {
		t.Fatal(err)
	}
	if all := b.idle(got); len(all) != 0 {
		t.Errorf("%d pushes", len(all))
	}
}
