package tencent

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestSizeOfAGroup(t *testing.T) {
	here := act(chat.Remove, chat.Public, "a").Group
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.members = 250 })
	size := func(g chat.Group, want, asked int) {
		t.Helper()
		if n, known := r.s.Size(t.Context(), g); n != want || known != (want > 0) {
			t.Errorf("%d, %v, want %d", n, known, want)
		}
		if n := strings.Count(r.apis(), apiInfo); n != asked {
			t.Errorf("asked %d times, want %d", n, asked)
		}
	}
	trouble := func() { r.answers[apiInfo] = []func(http.ResponseWriter){code(10002)} }
	size(here, 250, 1)
	r.fake.members = 300
	size(here, 250, 1)
	r.now = r.now.Add(keepSize)
	size(here, 300, 2)
	r.now = r.now.Add(keepSize)
	trouble()
	size(here, 300, 3) // out of date, and better than none
	there := here
	there.ID = "@TGS#other"
	size(there, 0, 3) // while there is trouble, nobody waits for a second look-up
	r.now = r.now.Add(sizePause)
	size(here, 300, 4)
	there.Account = "1"
	size(there, 0, 4)
}

func TestAGroupThatIsGoneDoesNotKeepOthersFromBeingAskedFor(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) {
		f.members, f.answers[apiInfo] = 250, []func(http.ResponseWriter){code(codeNoGroup)}
	})
	g := act(chat.Remove, chat.Public, "a").Group
	for _, want := range []bool{false, true} {
		if n, known := r.s.Size(t.Context(), g); known != want {
			t.Errorf("%d, %v", n, known)
		}
	}
}

func TestSizeOfALiveRoomIsNotKnown(t *testing.T) {
	r := newRig(t, func(_ *SenderConfig, f *fake) { f.kind, f.members = "AVChatRoom", 20 })
	for range 2 {
		if n, known := r.s.Size(t.Context(), act(chat.Remove, "", "a").Group); known {
			t.Errorf("%d", n)
		}
	}
	if n := strings.Count(r.apis(), apiInfo); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestSizeDoesNotWaitForASlotForEver(t *testing.T) {
	r := newRig(t, nil)
	r.s.gate.Limiter = &shut{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, known := r.s.Size(ctx, act(chat.Remove, "", "a").Group); known {
		t.Errorf("%d", n)
	}
}
