package sim

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestScriptStrikesInItsOrder(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults []Fault
		want   []int // status per call, 0 for none
	}{
		{"the first call, once", []Fault{{Status: 500}}, []int{500, 0, 0}},
		{"the third", []Fault{{Status: 500, Nth: 3}}, []int{0, 0, 500, 0}},
		{"twice", []Fault{{Status: 500, Times: 2}}, []int{500, 500, 0}},
		{"every second, always", []Fault{{Status: 500, Every: 2, Times: -1}}, []int{500, 0, 500, 0, 500}},
		{"from the second, every second", []Fault{{Status: 500, Nth: 2, Every: 2, Times: 2}}, []int{0, 500, 0, 500, 0, 0}},
		{"one after the other", []Fault{{Status: 500}, {Status: 502}, {Status: 503}}, []int{500, 502, 503, 0}},
		{"another API", []Fault{{API: "other", Status: 500}, {API: "api", Status: 502}}, []int{502, 0}},
		{"never by chance", []Fault{{Status: 500, Chance: 1e-18, Times: -1}}, []int{0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := New(Options{})
			defer s.Close()
			if err := s.Inject(tt.faults...); err != nil {
				t.Fatal(err)
			}
			var got []int
			for range tt.want {
				status := 0
				if f := s.script.next("api"); f != nil {
					status = f.Status
				}
				got = append(got, status)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("statuses %v, want %v", got, tt.want)
			}
		})
	}
}

func TestChanceRepeatsWithTheSeed(t *testing.T) {
	draw := func(seed uint64) (struck []bool) {
		s := New(Options{Seed: seed})
		defer s.Close()
		if err := s.Inject(Fault{Cut: true, Chance: 0.5, Times: -1}); err != nil {
			t.Fatal(err)
		}
		for range 64 {
			struck = append(struck, s.script.next("api") != nil)
		}
		return struck
	}
	if !slices.Equal(draw(7), draw(7)) {
		t.Error("one seed gives two scripts")
	}
	if slices.Equal(draw(7), draw(8)) {
		t.Error("two seeds give one script")
	}
}

func TestUselessFaultsAreRefused(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	for _, f := range []Fault{{}, {Status: 99}, {Cut: true, Chance: 2}, {Cut: true, Nth: -1}, {Code: true}, {Cut: true, Delay: -1}} {
		if s.Inject(f) == nil {
			t.Errorf("fault %+v was taken", f)
		}
	}
	if s.Inject(make([]Fault, maxFaults+1)...) == nil {
		t.Error("an endless script was taken")
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	type outcome struct {
		status int // 0: the connection was cut
		body   string
		gone   bool // the call took effect
	}
	for _, tt := range []struct {
		name  string
		fault Fault
		want  outcome
	}{
		{"status", Fault{Status: 503}, outcome{503, "", false}},
		{"status, late", Fault{Status: 502, Late: true}, outcome{502, "", true}},
		{"code", Fault{Code: 60007}, outcome{200, `"ErrorCode":60007`, false}},
		{"code, late", Fault{Code: 10002, Late: true}, outcome{200, `"ErrorCode":10002`, true}},
		{"gateway code", Fault{Code: "Throttling.User"}, outcome{400, `"Code":"Throttling.User"`, false}},
		{"cut", Fault{Cut: true}, outcome{0, "", false}},
		{"cut, late", Fault{Cut: true, Late: true}, outcome{0, "", true}},
		{"page", Fault{Body: BodyHTML, Status: 502}, outcome{502, "<html>", false}},
		{"text", Fault{Body: "{"}, outcome{200, "{", false}},
		{"redirect", Fault{Redirect: "http://127.0.0.1:1/"}, outcome{307, "", false}},
		{"delay", Fault{Delay: time.Millisecond}, outcome{200, `"ErrorCode":0`, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t, Options{})
			b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a"}})
			if err := b.Inject(tt.fault); err != nil {
				t.Fatal(err)
			}
			r := b.request(http.MethodPost, "/v4/group_open_http_svc/delete_group_member?"+b.query().Encode(), `{"GroupId":"g","MemberToDel_Account":["a"]}`)
			var got outcome
			if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
				raw, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				got.status, got.body = resp.StatusCode, string(raw)
			}
			got.gone = !b.world.Has("g", "a")
			if got.status != tt.want.status || !strings.Contains(got.body, tt.want.body) || got.gone != tt.want.gone {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if h := b.History(); len(h) != 1 || !h[0].Fault || h[0].Status != tt.want.status {
				t.Errorf("history %+v", h)
			}
		})
	}
}

func TestPartialDealsWithHalf(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a", "b", "c"}}, whatsApp("15550100001", "15550100002"))
	if err := b.Inject(Fault{Partial: true, Times: 2}); err != nil {
		t.Fatal(err)
	}
	if got := b.code("delete_group_member", `{"GroupId":"g","MemberToDel_Account":["a","b"]}`); got != 0 || !slices.Equal(b.world.Members("g"), []string{"b", "c"}) {
		t.Errorf("code %d, members %v", got, b.world.Members("g"))
	}
	if _, _, answer := b.operation("DeleteChatGroupParticipants", participants("15550100001", "15550100002")); answer["Result"] != 1.0 {
		t.Errorf("answer %v", answer)
	}
}

func TestHugeAndSlowBodies(t *testing.T) {
	b := start(t, Options{})
	if err := b.Inject(Fault{Body: BodyHuge}, Fault{Body: BodySlow}); err != nil {
		t.Fatal(err)
	}
	call := func(ctx context.Context) *http.Response {
		r := b.request(http.MethodPost, "/v4/group_open_http_svc/get_group_info?"+b.query().Encode(), `{"GroupIdList":["g"]}`)
		resp, err := http.DefaultTransport.RoundTrip(r.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	resp := call(t.Context())
	n, err := io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if err != nil || n < 8<<20 {
		t.Errorf("huge: %d bytes, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	resp = call(ctx)
	first := make([]byte, 1)
	if _, err := io.ReadFull(resp.Body, first); err != nil || first[0] != '{' {
		t.Errorf("slow: first byte %q, %v", first, err)
	}
	cancel() // the second byte would take a second
	if rest, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("slow: the rest %q came at once", rest)
	}
	_ = resp.Body.Close()
}

func TestCloseEndsWaitingCalls(t *testing.T) {
	s := New(Options{})
	if err := s.Inject(Fault{Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	done := make(chan error, 1)
	go func() {
		_, err := http.Post(web.URL+"/v4/group_open_http_svc/get_group_info", "application/json", strings.NewReader("{}"))
		done <- err
	}()
	for s.Calls("get_group_info") == 0 {
		select {
		case err := <-done:
			t.Fatalf("the call ended early: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	s.Close()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the call was answered")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the call still waits")
	}
}
