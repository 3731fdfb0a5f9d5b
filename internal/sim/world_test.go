package sim

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestWorldIsSafeForManyAtOnce(t *testing.T) {
	b := start(t, Options{Tencent: TencentOptions{Rate: -1, HooksOff: []string{beforeApply, beforeSend}}})
	got := b.add(public()).listen(accept)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				id := fmt.Sprintf("m%d-%d", i, n)
				if err := b.world.Join("@TGS#1", id); err != nil {
					t.Error(err)
				}
				if _, err := b.world.Say("@TGS#1", id, "hello"); err != nil {
					t.Error(err)
				}
				_, answer, _ := b.do(b.request(http.MethodPost, "/v4/group_open_http_svc/delete_group_member?"+b.query().Encode(),
					fmt.Sprintf(`{"GroupId":"@TGS#1","MemberToDel_Account":[%q]}`, id)))
				if answer["ErrorCode"] != 0.0 {
					t.Errorf("answer %v", answer)
				}
			}
		})
	}
	all.Wait()
	if n := len(b.idle(got)); n != 3*160 || b.HookCounts().Lost != 0 {
		t.Errorf("%d webhooks, want %d; %+v", n, 3*160, b.HookCounts())
	}
	if n := len(b.world.Members("@TGS#1")); n != 3 {
		t.Errorf("%d members are left, want 3", n)
	}
	if n := len(b.Removed("@TGS#1")); n != 160 {
		t.Errorf("%d were removed, want 160", n)
	}
}

func TestSeedRepeatsTheWorld(t *testing.T) {
	say := func(seed uint64) Said {
		s := New(Options{Seed: seed, Now: func() time.Time { return time.Unix(1700000000, 0) }})
		defer s.Close()
		if err := s.World().AddGroup(public()); err != nil {
			t.Fatal(err)
		}
		said, err := s.World().Say("@TGS#1", "a", "x")
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	if first, second := say(1), say(1); first != second {
		t.Errorf("one seed gives %+v and %+v", first, second)
	}
	if say(1).Random == say(2).Random {
		t.Error("two seeds give one number")
	}
}

func TestMessagesAreBounded(t *testing.T) {
	s := New(Options{})
	defer s.Close()
	if err := s.World().AddGroup(public()); err != nil {
		t.Fatal(err)
	}
	for range maxKept + 10 {
		if _, err := s.World().Say("@TGS#1", "a", "x"); err != nil {
			t.Fatal(err)
		}
	}
	kept := s.World().Messages("@TGS#1")
	if len(kept) > maxKept || kept[len(kept)-1].Seq != maxKept+10 {
		t.Errorf("%d messages kept, the last is %d", len(kept), kept[len(kept)-1].Seq)
	}
}

func TestNoncesAreForgottenWhenTheyCannotComeBack(t *testing.T) {
	var n nonces
	at := time.Unix(1700000000, 0)
	if !n.fresh("a", at) || n.fresh("a", at.Add(2*acsTolerance)) {
		t.Error("a nonce counts once while its date could be let in")
	}
	if !n.fresh("a", at.Add(2*acsTolerance+1)) {
		t.Error("a nonce is remembered for ever")
	}
	for i := range maxNonces + 5 {
		n.fresh(fmt.Sprint(i), at.Add(2*acsTolerance+1))
	}
	if len(n.used) > maxNonces || len(n.order) > maxNonces {
		t.Errorf("%d nonces kept, over %d", len(n.used), maxNonces)
	}
}

func BenchmarkKick(b *testing.B) {
	s := start(b, Options{Tencent: TencentOptions{Rate: -1}})
	s.add(public())
	query := s.query().Encode()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.do(s.request(http.MethodPost, "/v4/group_open_http_svc/delete_group_member?"+query, `{"GroupId":"@TGS#1","MemberToDel_Account":["x"]}`))
		}
	})
}
