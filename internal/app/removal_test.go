package app_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/sim"
)

// wordRules remove for one word, quietly and with a reason.
const wordRules = `version: 1
defaults: {mode: enforce, allow_dissolve: true}
lists:
  words: {kind: word, values: ["赌博"]}
  bad_numbers: {kind: phone_prefix, values: ["+1555010077"]}
rules:
  - id: word
    title: A word that nobody wants
    on: message
    when: {text: {has_any: words}}
    then:
      - remove: {reason: "Not here ({code})", silent: true}
  - id: number
    title: A number that nobody wants
    on: [join, message]
    providers: [cams]
    when: {phone: {starts_with: bad_numbers}}
    then:
      - remove: {}
  - id: link-leak
    on: message
    providers: [cams]
    when: {text: {has_any: ["revoke the link"]}}
    then:
      - lockdown: {invite_link: revoke}
  - id: end
    on: message
    when: {text: {has_any: ["end this group"]}}
    then:
      - dissolve: {}
  - id: finish
    on: message
    when: {text: {has_any: ["finish this group"]}}
    then:
      - dissolve: {}
  - id: refuse
    on: message
    providers: [tencent]
    when: {text: {has_any: ["refuse me"]}}
    then:
      - block: {code: 10123, text: "Not like that"}
`

const (
	public  = "@TGS#public"
	live    = "@TGS#alive"
	private = "@TGS#private"
	wa      = "EA93UU0001"
)

// addGroups makes one group of each kind, with members.
func addGroups(t testing.TB, s *sim.Server) {
	t.Helper()
	for _, g := range []sim.Group{
		{Provider: sim.Tencent, ID: public, Type: "Public", Owner: "olga", Admins: []string{"adam"}, Members: []string{"ann", "bob", "cat"}},
		{Provider: sim.Tencent, ID: private, Type: "Private", Owner: "olga", Members: []string{"ann", "bob"}},
		{Provider: sim.Tencent, ID: live, Type: "AVChatRoom", Owner: "olga", Members: []string{"ann", "bob"}},
		{Provider: sim.CAMS, ID: wa, Type: "WhatsApp", Members: []string{"15550100001", "15550100002", "15550100771"}},
	} {
		if err := s.World().AddGroup(g); err != nil {
			t.Fatal(err)
		}
	}
}

// say posts a message; a refusal by the bot is no failure.
func say(t testing.TB, s *sim.Server, m sim.Message) sim.Said {
	t.Helper()
	said, err := s.World().Post(m)
	if err != nil && !errors.Is(err, sim.ErrRefused) {
		t.Fatal(err)
	}
	return said
}

func TestOffenderIsRemovedAndNobodyElse(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, nil)
		addGroups(t, r.sim)
		w := r.sim.World()
		for _, g := range []string{public, private, live} {
			for _, m := range []string{"ann", "olga"} {
				say(t, r.sim, sim.Message{Group: g, Member: m, Text: "good morning"})
			}
			say(t, r.sim, sim.Message{Group: g, Member: "bob", Text: "来赌博吧"})
		}
		say(t, r.sim, sim.Message{Group: public, Member: "olga", Text: "公告 赌博"}) // the owner
		say(t, r.sim, sim.Message{Group: public, Member: "adam", Text: "赌博"})    // an admin
		say(t, r.sim, sim.Message{Group: wa, Member: "15550100002", Text: "来赌博吧"})
		say(t, r.sim, sim.Message{Group: wa, Member: "15550100771", Text: "hello"})
		say(t, r.sim, sim.Message{Group: wa, Member: "15550100001", Text: "hello"})

		eventually(t, "seven actions end", func() bool { return len(r.ended()) >= 7 })
		for g, want := range map[string][]string{
			public: {"bob"}, private: {"bob"}, live: {"bob"}, wa: {"15550100002", "15550100771"},
		} {
			got := r.sim.Removed(g)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("removed from %s: %v, want %v", g, got, want)
			}
		}
		if !w.Has(live, "bob") || !w.Muted(live, "bob") {
			t.Error("a removal in an AVChatRoom is a mute")
		}
		if v := r.sim.Violations(); v != (sim.Violations{}) {
			t.Errorf("violations: %+v", v)
		}
		spared := 0
		for _, s := range r.ended() {
			if s.State == actions.Spared {
				spared++
			}
		}
		if spared != 2 {
			t.Errorf("%d were spared, want the owner and the admin", spared)
		}
		for _, c := range r.sim.History() {
			if c.API == "delete_group_member" && (!c.Silent || c.Reason == "") {
				t.Errorf("reason %q, silent %t", c.Reason, c.Silent)
			}
		}
	})
}

func TestSameWebhookFiveTimesRemovesOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, nil)
		addGroups(t, r.sim)
		say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博", Repeat: 5})
		say(t, r.sim, sim.Message{Group: wa, Member: "15550100002", Text: "赌博", Repeat: 5})
		if err := r.sim.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "two removals end", func() bool { return len(r.ended()) == 2 })
		if asked := r.sim.Asked(public); !slices.Equal(asked, []string{"bob"}) {
			t.Errorf("asked for %v", asked)
		}
		if asked := r.sim.Asked(wa); !slices.Equal(asked, []string{"15550100002"}) {
			t.Errorf("asked for %v", asked)
		}
	})
}

func TestMemberWhoComesBackAndOffendsIsRemovedAgain(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, nil)
		addGroups(t, r.sim)
		for round := 1; round <= 3; round++ {
			say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
			eventually(t, "the removal ends", func() bool { return len(r.ended()) == round })
			if r.sim.World().Has(public, "bob") {
				t.Fatalf("round %d: still a member", round)
			}
			if err := r.sim.World().Join(public, "bob"); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.sim.Removed(public); len(got) != 3 {
			t.Errorf("removed %v", got)
		}
	})
}

func TestJoinInWhatsAppIsFoundByTheRoster(t *testing.T) {
	onBothStores(t, func(t *testing.T, redisURL string) {
		r := start(t, sim.Options{}, wordRules, redisURL, nil)
		addGroups(t, r.sim)
		eventually(t, "the group is seen for the first time", func() bool { return r.sim.Calls("ListChatGroupParticipants") >= 2 })
		if removed := r.sim.Removed(wa); len(removed) != 0 {
			t.Fatalf("first sight of a group removed %v", removed)
		}
		if err := r.sim.World().Join(wa, "15550100779"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the joiner is removed", func() bool { return len(r.ended()) == 1 })
		if got := r.sim.Removed(wa); !slices.Equal(got, []string{"15550100779"}) {
			t.Errorf("removed %v", got)
		}
	})
}

func TestAsynchronousRemovalInWhatsAppIsConfirmed(t *testing.T) {
	r := start(t, sim.Options{CAMS: sim.CAMSOptions{Linger: 1, DocSample: true}}, wordRules, "", func(c *config.Config) {
		c.CAMS.RosterInterval = 0
	})
	addGroups(t, r.sim)
	say(t, r.sim, sim.Message{Group: wa, Member: "15550100002", Text: "赌博"})
	eventually(t, "the removal is confirmed", func() bool { return len(r.ended()) == 1 })
	if s := r.ended()[0]; s.State != actions.Done {
		t.Errorf("ended as %s %s %s", s.State, s.Code, s.Text)
	}
	if n := r.sim.Calls("ListChatGroupParticipants"); n < 2 {
		t.Errorf("%d looks at the list", n)
	}
}

func TestInviteLinkAndGroupAreEnded(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	say(t, r.sim, sim.Message{Group: wa, Member: "15550100001", Text: "revoke the link"})
	eventually(t, "the link is revoked", func() bool { return r.sim.Calls("DeleteChatGroupInviteLink") == 1 })
	say(t, r.sim, sim.Message{Group: wa, Member: "15550100001", Text: "end this group"})
	say(t, r.sim, sim.Message{Group: private, Member: "ann", Text: "finish this group"})
	eventually(t, "three actions end", func() bool { return len(r.ended()) == 3 })
	if r.sim.Calls("DeleteChatGroup") != 1 || r.sim.Calls("destroy_group") != 1 {
		t.Errorf("%d and %d groups were ended", r.sim.Calls("DeleteChatGroup"), r.sim.Calls("destroy_group"))
	}
}

func TestBeforeCallbackRefusesTheMessage(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	said, err := r.sim.World().Post(sim.Message{Group: public, Member: "ann", Text: "please refuse me"})
	if !errors.Is(err, sim.ErrRefused) || said.Code != 10123 || said.Note != "Not like that" {
		t.Errorf("got %+v, %v", said, err)
	}
	if said := say(t, r.sim, sim.Message{Group: public, Member: "ann", Text: "hello"}); !said.Delivered {
		t.Errorf("a clean message was not delivered: %+v", said)
	}
}

func TestFaultsOfTheProviderLoseNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault sim.Fault
	}{
		{"HTTP 502 twice", sim.Fault{API: "delete_group_member", Times: 2, Status: 502}},
		{"over the rate", sim.Fault{API: "delete_group_member", Code: 60007}},
		{"busy", sim.Fault{API: "delete_group_member", Code: 60008}},
		{"cut before the effect", sim.Fault{API: "delete_group_member", Cut: true}},
		{"cut after the effect", sim.Fault{API: "delete_group_member", Cut: true, Late: true}},
		{"an HTML page", sim.Fault{API: "delete_group_member", Body: sim.BodyHTML}},
		{"an endless answer", sim.Fault{API: "delete_group_member", Body: sim.BodyHuge}},
		{"a redirect", sim.Fault{API: "delete_group_member", Redirect: "http://127.0.0.1:1/elsewhere"}},
		{"roles cannot be read", sim.Fault{API: "get_role_in_group", Times: 2, Status: 500}},
		{"the UserSig is too old", sim.Fault{API: "delete_group_member", Code: 70001}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) { c.CAMS = config.CAMS{} })
			addGroups(t, r.sim)
			if err := r.sim.Inject(tt.fault); err != nil {
				t.Fatal(err)
			}
			say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
			eventually(t, "the removal ends", func() bool { return len(r.ended()) == 1 })
			if s := r.ended()[0]; s.State != actions.Done || r.sim.World().Has(public, "bob") {
				t.Errorf("ended as %s %s %s", s.State, s.Code, s.Text)
			}
		})
	}
}

func TestRefusalForGoodIsADeadLetter(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", nil)
	addGroups(t, r.sim)
	if err := r.sim.Inject(sim.Fault{API: "delete_group_member", Times: -1, Code: 10007}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	// One webhook, and not two as for a message that Tencent asks about: the second can find the removal given up.
	if status := r.post(t, tencentURL(r, time.Now()), message(1, "赌博")); status != http.StatusOK {
		t.Fatalf("the webhook: %d", status)
	}
	eventually(t, "the removal ends", func() bool { return len(r.ended()) == 1 })
	if s := r.ended()[0]; s.State != actions.Dead || s.Code != "10007" {
		t.Errorf("ended as %s %s after %v", s.State, s.Code, time.Since(began))
	}
}

func TestDryRunCallsNobody(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) { c.DryRun = true })
	addGroups(t, r.sim)
	say(t, r.sim, sim.Message{Group: public, Member: "bob", Text: "赌博"})
	eventually(t, "the removal ends", func() bool { return len(r.ended()) == 1 })
	if s := r.ended()[0]; s.State != actions.DryRun || !r.sim.World().Has(public, "bob") || r.sim.Calls("delete_group_member") != 0 {
		t.Errorf("ended as %s", s.State)
	}
}
