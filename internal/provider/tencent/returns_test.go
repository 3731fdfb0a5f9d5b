package tencent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// sharedReturns keeps the contract of Returns, without an end, and can be told to fail.
type sharedReturns struct {
	mu    sync.Mutex // guards the fields below
	back  map[memberOf]bool
	away  bool
	asked int
}

var errReturnsAway = errors.New("nobody knows who comes back")

func (s *sharedReturns) Returning(_ context.Context, g chat.Group, members []chat.MemberID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errReturnsAway
	}
	for _, m := range members {
		s.back[memberOf{g.ID, m}] = true
	}
	return nil
}

func (s *sharedReturns) Returned(_ context.Context, g chat.Group, members []chat.MemberID) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; s.away {
		return nil, errReturnsAway
	}
	var out []bool
	for _, m := range members {
		out = append(out, s.back[memberOf{g.ID, m}])
	}
	return out, nil
}

func returnRigs(t *testing.T) (a, b *rig, shared *sharedReturns) {
	t.Helper()
	shared = &sharedReturns{back: map[memberOf]bool{}}
	set := func(c *SenderConfig, _ *fake) { c.Returns = shared }
	return newRig(t, set), newRig(t, set), shared
}

// joins returns the events of one webhook: members whom the bot's account has brought in.
func joins(members ...string) (out []chat.Event) {
	for _, m := range members {
		a := act(chat.Readmit, chat.Public, m)
		out = append(out, chat.Event{Kind: chat.Join, JoinKind: chat.Invited, Group: a.Group, Member: a.Member, Inviter: testAdmin})
	}
	return out
}

func TestAnotherReplicaKnowsWhomWeBringBack(t *testing.T) {
	a, b, shared := returnRigs(t)
	a.send(t, restores(chat.Readmit, chat.Public, "m", "n"))
	ours, err := b.s.Readmitted(t.Context(), joins("m", "x", "n"))
	if err != nil || !slices.Equal(ours, []bool{true, false, true}) || shared.asked != 1 {
		t.Errorf("%v, %v after %d questions", ours, err, shared.asked)
	}
	// What this replica knows by itself, and joins by others, need no question.
	others := joins("m", "n")
	others[1].Inviter = "ann"
	if ours, err := a.s.Readmitted(t.Context(), others); err != nil || !slices.Equal(ours, []bool{true, false}) || shared.asked != 1 {
		t.Errorf("%v, %v after %d questions", ours, err, shared.asked)
	}
}

func TestNobodyIsBroughtBackWhomOthersWouldRemove(t *testing.T) {
	a, b, shared := returnRigs(t)
	shared.away = true
	batch := restores(chat.Readmit, chat.Public, "m")
	if got := a.send(t, batch); !slices.Equal(got, []string{"Again returns"}) || a.apis() != "" {
		t.Errorf("%q after %q", got, a.apis())
	}
	if ours, err := b.s.Readmitted(t.Context(), joins("m")); !errors.Is(err, errReturnsAway) || !slices.Equal(ours, []bool{false}) {
		t.Errorf("%v, %v", ours, err)
	}
	shared.away = false
	if got := a.send(t, batch); !slices.Equal(got, []string{"OK 0"}) {
		t.Error(got)
	}
}
