package sim

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestControlSurface(t *testing.T) {
	b := start(t, Options{})
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		part                     string // of the answer
	}{
		{"help", "GET", "/sim/", "", 200, "POST /sim/join"},
		{"unknown page", "GET", "/sim/other", "", 404, `"error":"no GET /sim/other here: see GET /sim/"`},
		{"wrong method", "GET", "/sim/say", "", 404, `"error"`},
		{"group", "POST", "/sim/group", `{"provider":"tencent","id":"g","type":"Public","owner":"o","members":["a"]}`, 200, `"group":"g"`},
		{"the same group", "POST", "/sim/group", `{"provider":"tencent","id":"g","type":"Public"}`, 400, "there is one"},
		{"a type of the other provider", "POST", "/sim/group", `{"provider":"cams","id":"h","type":"Public"}`, 400, "has no type"},
		{"join", "POST", "/sim/join", `{"group":"g","members":["b","c"],"inviter":"a"}`, 200, `"members":4`},
		{"join nowhere", "POST", "/sim/join", `{"group":"x","members":["b"]}`, 400, `no group`},
		{"join of nobody", "POST", "/sim/join", `{"group":"g","members":[]}`, 400, "nobody is named"},
		{"say", "POST", "/sim/say", `{"group":"g","member":"b","text":"hello"}`, 200, `"delivered":true`},
		{"say as a stranger", "POST", "/sim/say", `{"group":"g","member":"x","text":"hello"}`, 409, "not a member"},
		{"unknown key", "POST", "/sim/say", `{"group":"g","member":"b","test":"hello"}`, 400, `unknown field`},
		{"not JSON", "POST", "/sim/say", `hello`, 400, `reading the body`},
		{"two objects", "POST", "/sim/leave", `{"group":"g","member":"b"}{}`, 400, `something follows`},
		{"leave", "POST", "/sim/leave", `{"group":"g","member":"b"}`, 200, `{}`},
		{"leave again", "POST", "/sim/leave", `{"group":"g","member":"b"}`, 400, `is not a member`},
		{"fault", "POST", "/sim/fault", `{"api":"get_group_info","code":60007,"delay":"1ms"}`, 200, `{}`},
		{"useless fault", "POST", "/sim/fault", `{"api":"get_group_info"}`, 400, "it does nothing"},
		{"delay without a unit", "POST", "/sim/fault", `{"delay":"2"}`, 400, "is not a duration"},
		{"state", "GET", "/sim/state", "", 200, `"id":"g","type":"Public","owner":"o","members":["o","a","c"]`},
		{"history", "GET", "/sim/history?limit=5", "", 200, `"total":0`},
		{"history without a number", "GET", "/sim/history?limit=x", "", 400, "is not a number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := http.DefaultTransport.RoundTrip(b.request(tt.method, tt.path, tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			raw, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !strings.Contains(string(raw), tt.part) {
				t.Errorf("HTTP %d, %s; want %d and %s", resp.StatusCode, raw, tt.status, tt.part)
			}
		})
	}
	if got := b.code("get_group_info", `{"GroupIdList":["g"]}`); got != tooOften {
		t.Errorf("code %d, want that of the fault", got)
	}
}

func TestStartServesUntilStopped(t *testing.T) {
	s := New(Options{})
	url, stop, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(url + "/sim/")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
	done := make(chan struct{})
	go func() { stop(); stop(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("stop does not return")
	}
	if resp, err := http.Get(url + "/sim/"); err == nil {
		_ = resp.Body.Close()
		t.Error("it serves after stop")
	}
	if _, _, err := s.Start("256.0.0.1:0"); err == nil {
		t.Error("it listens on an address that cannot be")
	}
}
