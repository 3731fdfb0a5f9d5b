package lockdown

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func standing() time.Time { return start }

func TestALockIsReadAsItWasStored(t *testing.T) {
	b := build(standing, nil)
	want := b.lockFor(t, here, 15*time.Minute)
	b.lockFor(t, there, 0)
	got, version, err := b.Lock(t.Context(), here)
	if err != nil || version != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, version %d, error %v", got, version, err)
	}
}

func TestALockThatIsNotThereHasVersionZero(t *testing.T) {
	b := build(standing, nil)
	b.lockFor(t, there, time.Minute)
	if l, version, err := b.Lock(t.Context(), here); version != 0 || err != nil || l.Case != "" {
		t.Errorf("got %+v, version %d, error %v", l, version, err)
	}
}

func TestALockIsNotWrittenOverAnotherOne(t *testing.T) {
	b := build(standing, nil)
	l := b.lockFor(t, here, time.Minute)
	if err := b.SaveLock(t.Context(), l, 0); !errors.Is(err, errStale) {
		t.Errorf("a lock was stored as a new one where one stands: %v", err)
	}
	if err := b.SaveLock(t.Context(), l, 1); err != nil {
		t.Error(err)
	}
	if err := b.DropLock(t.Context(), here, 1); !errors.Is(err, errChanged) {
		t.Errorf("a lock that changed was removed: %v", err)
	}
	if err := b.DropLock(t.Context(), here, 2); err != nil {
		t.Error(err)
	}
	if _, version, err := b.Lock(t.Context(), here); version != 0 || err != nil {
		t.Errorf("version %d, error %v after it was removed", version, err)
	}
	if err := b.DropLock(t.Context(), here, 2); err != nil {
		t.Errorf("removing what is gone: %v", err)
	}
}

func TestAStoreThatIsAwayIsAnError(t *testing.T) {
	b := build(standing, nil)
	l := b.lockFor(t, here, time.Minute)
	b.store.setAway(true)
	_, _, read := b.Lock(t.Context(), here)
	for what, err := range map[string]error{"read": read, "save": b.SaveLock(t.Context(), l, 1), "drop": b.DropLock(t.Context(), here, 1)} {
		if !errors.Is(err, errAway) || !strings.Contains(err.Error(), string(here.ID)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestALockThatCannotBeReadIsAnError(t *testing.T) {
	b := build(standing, nil)
	b.store.memos["broken"] = chat.Memo{Kind: memoKind, Key: keyOf(here), Version: 3, Body: []byte("{"), Expires: start.Add(time.Hour)}
	if _, _, err := b.Lock(t.Context(), here); err == nil {
		t.Error("a lock that cannot be read was taken for none")
	}
}
