package tencent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

func from(t chat.GroupType, member string) *chat.Event {
	return &chat.Event{
		Kind: chat.Message, Member: chat.MemberID(member), GroupType: t, Asked: true,
		Group: chat.Group{Provider: chat.Tencent, Account: testAppID, ID: testGroup},
	}
}

func TestStaffIsOwnerAdminAndWeOurselves(t *testing.T) {
	tests := []struct {
		name   string
		wire   string // what Tencent says of the group
		typ    chat.GroupType
		member string
		want   bool
		apis   string
	}{
		{"owner", "Public", chat.Public, "o", true, apiRoles},
		{"admin", "Public", chat.Public, "a", true, apiRoles},
		{"member", "Public", chat.Public, "m", false, apiRoles},
		{"somebody who is not in the group", "Community", chat.Community, "gone", false, apiRoles},
		{"the account that we act as", "Public", chat.Public, testAdmin, true, ""},
		{"owner of a live room", "AVChatRoom", chat.AVChatRoom, "o", true, apiInfo},
		{"viewer of a live room", "AVChatRoom", chat.AVChatRoom, "m", false, apiInfo},
		{"unknown type, admin", "Public", "", "a", true, apiRoles},
		{"unknown type, owner of a live room", "AVChatRoom", "", "o", true, apiRoles + " " + apiInfo},
		{"unknown type, viewer of a live room", "AVChatRoom", "", "m", false, apiRoles + " " + apiInfo},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(_ *SenderConfig, f *fake) {
				f.kind, f.owner, f.roles = tt.wire, "o", map[string]string{"o": "Owner", "a": "Admin", "gone": "NotMember"}
			})
			got, err := r.s.Staff(t.Context(), from(tt.typ, tt.member))
			if err != nil || got != tt.want || r.apis() != tt.apis {
				t.Errorf("%v, %v after %q, want %v after %q", got, err, r.apis(), tt.want, tt.apis)
			}
			var slots []string
			for api := range strings.FieldsSeq(tt.apis) {
				slots = append(slots, "a "+api)
			}
			if !slices.Equal(r.taken.keys, slots) {
				t.Errorf("slots %v, want one for each call", r.taken.keys)
			}
		})
	}
}

func TestStaffAndRemovalsBelieveTheSameCaches(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.roles = map[string]string{"a": "Admin"} })
	is := func(member string) bool {
		staff, err := r.s.Staff(t.Context(), from(chat.Public, member))
		if err != nil {
			t.Fatal(err)
		}
		return staff
	}
	for range 3 {
		if !is("a") || is("m") {
			t.Error("the roles are wrong")
		}
	}
	if got := r.send(t, removals(chat.Public, "a", "m")); !slices.Equal(got, []string{"Immune admin", "OK 0"}) {
		t.Error(got)
	}
	if n := strings.Count(r.apis(), apiRoles); n != 2 {
		t.Errorf("asked %d times for two members", n)
	}
	r.now = r.now.Add(keepAdmin)
	if r.fake.roles = nil; is("a") {
		t.Error("a former admin is believed to be one for ever")
	}
}

func TestAFailedLookUpSaysNothingAboutStaff(t *testing.T) {
	for api, typ := range map[string]chat.GroupType{apiRoles: chat.Public, apiInfo: chat.AVChatRoom} {
		for _, n := range []int{10002, 10006, codeNotPermitted, codeNoGroup, 60007, 70009} {
			t.Run(fmt.Sprint(api, " ", n), func(t *testing.T) {
				r := newRig(t, func(_ *SenderConfig, f *fake) {
					f.answers[api] = []func(http.ResponseWriter){code(n)}
				})
				staff, err := r.s.Staff(t.Context(), from(typ, "m"))
				if staff || err == nil || !strings.Contains(err.Error(), `"m"`) || !strings.Contains(err.Error(), testGroup) {
					t.Errorf("%v, %v", staff, err)
				}
			})
		}
	}
}

func TestStaffOfAnotherAccountIsNotAsked(t *testing.T) {
	r := newRig(t, nil)
	e := from(chat.Public, testAdmin)
	e.Account = "1"
	if staff, err := r.s.Staff(t.Context(), e); staff || !errors.Is(err, errForeignEvent) || r.apis() != "" {
		t.Errorf("%v, %v after %q", staff, err, r.apis())
	}
}

func TestStaffKeepsToItsDeadline(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if staff, err := r.s.Staff(ctx, from(chat.Public, "m")); staff || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", staff, err)
	}
}

// shut is a Limiter that grants nothing and counts how many ask at once.
type shut struct {
	mu       sync.Mutex // guards the fields below
	in, peak int
}

func (l *shut) Slow(context.Context, string, time.Duration) error { return nil }

func (l *shut) Take(ctx context.Context, _ string, _ actions.Rate) (time.Duration, error) {
	l.mu.Lock()
	l.in++
	l.peak = max(l.peak, l.in)
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	l.in--
	l.mu.Unlock()
	return 0, ctx.Err()
}

func TestACrowdOfLookUpsLeavesTheRateToRemovals(t *testing.T) {
	r := newRig(t, nil)
	gate := &shut{}
	r.s.gate.Limiter = gate
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var crowd sync.WaitGroup
	for i := range 3 * maxAsking {
		crowd.Go(func() {
			if staff, err := r.s.Staff(ctx, from(chat.Public, fmt.Sprint("m", i))); staff || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, %v", staff, err)
			}
		})
	}
	crowd.Wait()
	if len(r.s.asking) != 0 {
		t.Errorf("%d turns are not given back", len(r.s.asking))
	}
	if gate.peak < 1 || gate.peak > maxAsking {
		t.Errorf("%d look-ups were at the gate at once", gate.peak)
	}
}

func TestFrequencyCodesSayHowLongToWait(t *testing.T) {
	for n, want := range map[int]actions.Outcome{
		10006: {Class: actions.Limited, Wait: time.Second},
		10023: {Class: actions.Again, Wait: time.Second},
		60007: {Class: actions.Limited},
		70050: {Class: actions.Auth, Wait: time.Minute},
		10002: {Class: actions.Again},
	} {
		r := newRig(t, func(_ *SenderConfig, f *fake) {
			f.answers[apiKick] = []func(http.ResponseWriter){code(n)}
		})
		if got := r.sendAll(t, removals(chat.Public, "a"))[0]; got.Class != want.Class || got.Wait != want.Wait {
			t.Errorf("%d: %+v", n, got)
		}
	}
}
