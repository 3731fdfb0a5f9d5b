package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const help = `Simulated providers

POST /v4/group_open_http_svc/<command>   Tencent Cloud Chat
POST /                                   Alibaba CAMS

GET  /sim/history?api=NAME&group=ID&limit=100   the last calls, oldest first
GET  /sim/state                                 groups, webhooks, violations
POST /sim/group    {"provider":"tencent","id":"@TGS#1","type":"Public","owner":"o","members":["a"]}
POST /sim/join     {"group":"@TGS#1","members":["b"],"inviter":"","at":"2026-11-20T09:00:00Z","repeat":1}
POST /sim/leave    {"group":"@TGS#1","member":"b"}
POST /sim/say      {"group":"@TGS#1","member":"b","text":"hello","at":"2026-11-20T09:00:00Z","repeat":1}
POST /sim/fault    {"api":"delete_group_member","nth":1,"every":0,"times":1,"status":502,"code":60007,
                    "delay":"2s","cut":true,"partial":true,"body":"html|huge|slow|TEXT","redirect":"URL","late":true,
                    "cams":{"success":false,"result":20,"nothing":true,"linger":2,"new_link":true,"time_left":1500}}
DELETE /sim/fault  empties the script
POST /sim/play?run=NAME   plays the sample traffic, answers with who is to be removed; another NAME,
                          another set of groups

There is no password: never expose this port.
`

// control adds the control surface.
func (s *Server) control(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, help)
	})
	mux.HandleFunc("GET /sim/history", s.controlHistory)
	mux.HandleFunc("GET /sim/state", s.controlState)
	mux.HandleFunc("POST /sim/group", func(w http.ResponseWriter, r *http.Request) {
		var g Group
		if decode(w, r, &g) {
			respond(w, row{"group": g.ID}, s.world.AddGroup(g))
		}
	})
	mux.HandleFunc("POST /sim/join", s.controlJoin)
	mux.HandleFunc("POST /sim/leave", s.controlLeave)
	mux.HandleFunc("POST /sim/say", s.controlSay)
	mux.HandleFunc("POST /sim/fault", s.controlFault)
	mux.HandleFunc("DELETE /sim/fault", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		respond(w, row{}, nil)
	})
	mux.HandleFunc("POST /sim/play", s.controlPlay)
	mux.HandleFunc("/sim/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, fmt.Errorf("no %s %s here: see GET /sim/", r.Method, r.URL.Path))
	})
}

// decode reads a JSON body strictly; on failure it has answered.
func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the JSON object")
		}
	}
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("reading the body: %w", err))
		return false
	}
	return true
}

func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(row{"error": err.Error()}))
}

func respond(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, ErrRefused):
		fail(w, http.StatusConflict, err)
	case err != nil:
		fail(w, http.StatusBadRequest, err)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(encode(v))
	}
}

func (s *Server) controlHistory(w http.ResponseWriter, r *http.Request) {
	limit, q := 100, r.URL.Query()
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fail(w, http.StatusBadRequest, fmt.Errorf("limit %q is not a number above 0", text))
			return
		}
		limit = n
	}
	calls := s.history.list(func(c Call) bool {
		return (q.Get("api") == "" || c.API == q.Get("api")) && (q.Get("group") == "" || c.Group == q.Get("group"))
	})
	respond(w, row{"calls": calls[max(0, len(calls)-limit):], "total": len(calls)}, nil)
}

func (s *Server) controlState(w http.ResponseWriter, _ *http.Request) {
	windows := row{}
	for name := range s.commands {
		windows[name] = row{"calls": s.Calls(name), "max_window": s.MaxWindow(name)}
	}
	for name := range s.operations {
		windows[name] = row{"calls": s.Calls(name), "max_window": s.MaxWindow(name)}
	}
	removed := row{}
	groups := s.world.Groups()
	for _, g := range groups {
		if gone := s.Removed(g.ID); len(gone) > 0 {
			removed[g.ID] = gone
		}
	}
	respond(w, row{"groups": groups, "removed": removed, "hooks": s.HookCounts(), "violations": s.Violations(), "apis": windows}, nil)
}

func (s *Server) controlJoin(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Group   string    `json:"group"`
		Members []string  `json:"members"`
		Inviter string    `json:"inviter"`
		At      time.Time `json:"at"`
		Repeat  int       `json:"repeat"`
	}
	if decode(w, r, &in) {
		err := s.world.Arrive(Arrival{Group: in.Group, Members: in.Members, Inviter: in.Inviter, At: in.At, Repeat: min(in.Repeat, 100)})
		respond(w, row{"members": len(s.world.Members(in.Group))}, err)
	}
}

func (s *Server) controlLeave(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Group  string `json:"group"`
		Member string `json:"member"`
	}
	if decode(w, r, &in) {
		respond(w, row{}, s.world.Leave(in.Group, in.Member))
	}
}

func (s *Server) controlSay(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Group  string    `json:"group"`
		Member string    `json:"member"`
		Text   string    `json:"text"`
		At     time.Time `json:"at"`
		Repeat int       `json:"repeat"`
	}
	if decode(w, r, &in) {
		said, err := s.world.Post(Message{Group: in.Group, Member: in.Member, Text: in.Text, At: in.At, Repeat: min(in.Repeat, 100)})
		respond(w, said, err)
	}
}

func (s *Server) controlFault(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Fault
		Delay string `json:"delay"`
	}
	if !decode(w, r, &in) {
		return
	}
	if in.Delay != "" {
		d, err := time.ParseDuration(in.Delay)
		if err != nil {
			fail(w, http.StatusBadRequest, fmt.Errorf("delay %q is not a duration such as 2s", in.Delay))
			return
		}
		in.Fault.Delay = d
	}
	respond(w, row{}, s.Inject(in.Fault))
}

// controlPlay plays the sample traffic, one at a time.
func (s *Server) controlPlay(w http.ResponseWriter, r *http.Request) {
	if !s.playing.TryLock() {
		fail(w, http.StatusConflict, errors.New("the sample traffic is being played"))
		return
	}
	defer s.playing.Unlock()
	ctx, stop := s.either(r.Context())
	defer stop()
	plan, err := s.Play(ctx, Scene{Run: r.URL.Query().Get("run")})
	respond(w, plan, err)
}
