package tencent

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/provider"
	"github.com/groupguard/groupguard/internal/sim"
)

// matrix is one simulated group with a Sender.
type matrix struct {
	sim   *sim.Server
	group sim.Group
	s     *Sender
	seqs  []string
}

const matrixMembers = 501

func member(i int) string { return fmt.Sprintf("m%03d", i) }

// newMatrix makes a group of a type with an owner, an admin and members who have said something.
func newMatrix(t *testing.T, kind, live string) *matrix {
	t.Helper()
	server := sim.New(sim.Options{Tencent: sim.TencentOptions{Rate: -1}})
	web := httptest.NewServer(server.Handler())
	t.Cleanup(func() { web.Close(); server.Close() })
	m := &matrix{sim: server, group: sim.Group{Provider: sim.Tencent, ID: testGroup, Type: kind, Owner: "o", Admins: []string{"a"}}}
	for i := range matrixMembers {
		m.group.Members = append(m.group.Members, member(i))
	}
	if err := server.World().AddGroup(m.group); err != nil {
		t.Fatal(err)
	}
	for i := range maxRecall + 1 {
		said, err := server.World().Say(testGroup, member(i), "x")
		if err != nil {
			t.Fatal(err)
		}
		m.seqs = append(m.seqs, strconv.Itoa(int(said.Seq)))
	}
	caller := provider.NewCaller(prometheus.NewRegistry(), "tencent")
	t.Cleanup(caller.Close)
	o := server.Options().Tencent
	s, err := NewSender(SenderConfig{
		SDKAppID: testAppID, Identifier: o.Admins[0], Key: o.SecretKey, Endpoint: web.URL, LiveRoomRemoval: live, Locks: &memoryLocks{},
	}, caller, actions.Gate{Limiter: &taken{}, Account: "a"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	m.s = s
	return m
}

// carryOut routes and sends actions as one group's queue does, and returns the calls that arrived:
// the command, how many it named, and the settings that it set.
func (m *matrix) carryOut(t *testing.T, acts []chat.Action) string {
	t.Helper()
	before := len(m.sim.History())
	for len(acts) > 0 {
		route := mustRoute(t, m.s, acts[0])
		n := 1
		for n < min(len(acts), route.Max) && mustRoute(t, m.s, acts[n]) == route {
			n++
		}
		for i, o := range m.s.Send(t.Context(), route, acts[:n]) {
			if o.Class != actions.OK {
				t.Errorf("%s of %s: %+v", acts[i].Intent.Kind, acts[i].Member, o)
			}
		}
		acts = acts[n:]
	}
	var calls []string
	for _, c := range m.sim.History()[before:] {
		call := c.API
		if c.Count > 0 {
			call += " " + strconv.Itoa(c.Count)
		}
		for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
			call += " " + name + "=" + c.Settings[name]
		}
		calls = append(calls, call)
	}
	return strings.Join(calls, ", ")
}

// of returns n actions of an intent.
func (m *matrix) of(in chat.Intent, told chat.GroupType, n int) []chat.Action {
	var out []chat.Action
	for i := range n {
		a := act(in.Kind, told, member(i))
		in.Reason = "spam"
		a.Intent = in
		switch in.Kind {
		case chat.Lockdown, chat.Unlock, chat.Dissolve:
			a.Member = ""
		case chat.Recall:
			a.Intent.Message = m.seqs[i]
		case chat.Warn:
			a.ID = chat.ActionID(member(i))
		}
		out = append(out, a)
	}
	return out
}

// TestEveryIntentInEveryGroupType is the table of what is called, by intent and type of group. Each
// row has one action more than its call takes.
func TestEveryIntentInEveryGroupType(t *testing.T) {
	const (
		kicks   = "get_role_in_group 100, delete_group_member 100, get_role_in_group 1, delete_group_member 1"
		mutes   = "get_role_in_group 500, forbid_send_msg 500, get_role_in_group 1, forbid_send_msg 1"
		inRoom  = "get_group_info 1, forbid_send_msg 500, forbid_send_msg 1"
		lifts   = "forbid_send_msg 500, forbid_send_msg 1"
		recalls = "get_role_in_group 10, group_msg_recall 10, get_role_in_group 1, group_msg_recall 1"
		warns   = "get_role_in_group 1, send_group_msg, get_role_in_group 1, send_group_msg"
		adds    = "add_group_member 100, add_group_member 1"
		read    = "get_group_info 1"
		modify  = "modify_group_base_info"
		shut    = read + ", " + modify + " ApplyJoinOption=DisableApply InviteJoinOption=DisableInvite, " + read
		silence = read + ", " + modify + " MuteAllMember=On, " + read
		noShut  = "-"
	)
	remove, mute := chat.Intent{Kind: chat.Remove}, chat.Intent{Kind: chat.Mute}
	readmit, unmute := chat.Intent{Kind: chat.Readmit}, chat.Intent{Kind: chat.Unmute}
	closing, muteAll := chat.Intent{Kind: chat.Lockdown, Close: true}, chat.Intent{Kind: chat.Lockdown, MuteAll: true}
	both := chat.Intent{Kind: chat.Lockdown, Close: true, MuteAll: true}
	types := []struct {
		name, wire, live string
		told             chat.GroupType
		rows             []matrixRow
	}{
		{"Private", sim.Private, "", chat.Private, []matrixRow{
			{remove, 101, kicks}, {mute, 1, "-"}, {readmit, 101, adds}, {unmute, 501, ""},
			{closing, 1, read + ", " + modify + " InviteJoinOption=DisableInvite, " + read},
		}},
		{"Public", sim.Public, "", chat.Public, []matrixRow{
			{remove, 101, kicks}, {mute, 501, mutes}, {readmit, 101, adds}, {unmute, 501, lifts}, {closing, 1, shut}, {muteAll, 1, silence},
			{both, 1, read + ", " + modify + " ApplyJoinOption=DisableApply InviteJoinOption=DisableInvite MuteAllMember=On, " + read},
		}},
		{"ChatRoom", sim.ChatRoom, "", chat.ChatRoom, []matrixRow{
			{remove, 101, kicks}, {mute, 501, mutes}, {readmit, 101, adds}, {unmute, 501, lifts}, {closing, 1, noShut}, {muteAll, 1, silence}, {both, 1, silence},
		}},
		{"Community", sim.Community, "", chat.Community, []matrixRow{
			{remove, 101, kicks}, {mute, 501, mutes}, {readmit, 101, adds}, {unmute, 501, lifts}, {closing, 1, shut}, {muteAll, 1, silence},
		}},
		{"AVChatRoom", sim.AVChatRoom, RemovalMute, chat.AVChatRoom, []matrixRow{
			{remove, 501, inRoom}, {mute, 501, inRoom}, {readmit, 501, lifts}, {unmute, 501, lifts}, {closing, 1, noShut}, {muteAll, 1, silence}, {both, 1, silence},
		}},
		{"AVChatRoom with bans", sim.AVChatRoom, RemovalBan, chat.AVChatRoom, []matrixRow{
			{remove, 21, "get_group_info 1, ban_group_member 20, ban_group_member 1"}, {mute, 501, inRoom},
			{readmit, 21, "unban_group_member 20, unban_group_member 1"}, {unmute, 501, lifts},
		}},
		{"unknown, Public", sim.Public, "", "", []matrixRow{
			{remove, 101, read + ", " + kicks}, {mute, 501, mutes}, {readmit, 101, read + ", " + adds}, {unmute, 501, lifts}, {closing, 1, shut},
		}},
		{"unknown, AVChatRoom", sim.AVChatRoom, "", "", []matrixRow{
			{remove, 101, read + ", forbid_send_msg 100, forbid_send_msg 1"}, {readmit, 101, read + ", forbid_send_msg 100, forbid_send_msg 1"}, {both, 1, silence},
		}},
	}
	for _, tt := range types {
		recalled, warned := recalls, warns
		switch {
		case tt.wire == sim.AVChatRoom && tt.told == "":
			recalled = "get_role_in_group 10, " + read + ", group_msg_recall 10, group_msg_recall 1"
			warned = "get_role_in_group 1, " + read + ", send_group_msg, send_group_msg"
		case tt.wire == sim.AVChatRoom:
			recalled, warned = read+", group_msg_recall 10, group_msg_recall 1", read+", send_group_msg, send_group_msg"
		}
		rows := append(tt.rows, // in every type
			matrixRow{chat.Intent{Kind: chat.Recall}, 11, recalled}, matrixRow{chat.Intent{Kind: chat.Warn}, 2, warned},
			matrixRow{chat.Intent{Kind: chat.Dissolve}, 1, "destroy_group"}, matrixRow{chat.Intent{Kind: chat.Unlock}, 1, ""},
			matrixRow{chat.Intent{Kind: chat.Block}, 1, "-"}, matrixRow{chat.Intent{Kind: chat.Alert}, 1, "-"},
		)
		for _, row := range rows {
			name := fmt.Sprint(tt.name, " ", row.intent.Kind)
			if row.intent.Kind == chat.Lockdown {
				name += fmt.Sprintf(" close %v mute %v", row.intent.Close, row.intent.MuteAll)
			}
			t.Run(name, func(t *testing.T) { row.check(t, newMatrix(t, tt.wire, tt.live), tt.told) })
		}
	}
}

// matrixRow says what so many actions of an intent become; "-" is an action that can never be.
type matrixRow struct {
	intent chat.Intent
	n      int
	calls  string
}

func (r matrixRow) check(t *testing.T, m *matrix, told chat.GroupType) {
	acts := m.of(r.intent, told, r.n)
	if r.calls == "-" {
		if route, err := m.s.Route(acts[0]); err == nil {
			t.Errorf("routed to %+v", route)
		}
		return
	}
	if got := m.carryOut(t, acts); got != r.calls {
		t.Errorf("calls\n got %s\nwant %s", got, r.calls)
	}
	if v := m.sim.Violations(); v != (sim.Violations{}) {
		t.Errorf("violations %+v", v)
	}
	w := m.sim.World()
	for i := range r.n {
		there, silent := w.Has(testGroup, member(i)), w.Muted(testGroup, member(i))
		switch r.intent.Kind {
		case chat.Remove:
			if there && !silent {
				t.Fatalf("%s is still there", member(i))
			}
		case chat.Mute:
			if !silent {
				t.Fatalf("%s is not muted", member(i))
			}
		case chat.Recall:
			if !w.Messages(testGroup)[i].Recalled {
				t.Fatalf("message %d still stands", i)
			}
		}
	}
}
