package store

import (
	"math"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestDoneBeforeIsAboutMembersOnly(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	if got, want := DoneBefore(chat.Action{Member: "m", EventAt: at}), at.Add(-5*time.Second).UnixMicro(); got != want {
		t.Errorf("a member's action: %d, want %d", got, want)
	}
	if got := DoneBefore(chat.Action{EventAt: at}); got != math.MinInt64 {
		t.Errorf("a group's action: %d, want one before every time", got)
	}
}
