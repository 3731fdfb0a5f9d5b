package heartbeat

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestOnlyWhoKnowsTheSecretCanNameTheGroupOfABeat(t *testing.T) {
	h := build(t, time.Minute, 16, lineTo(chat.Tencent, "1", secret), lineTo(chat.CAMS, "c", secret)).Heart
	prefix := h.lines[0].prefix
	for _, test := range []struct {
		name   string
		change func(*chat.Event)
		own    bool
	}{
		{"a beat", func(*chat.Event) {}, true},
		{"in the last partition", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix + "15") }, true},
		{"past it", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix + "16") }, false},
		{"below the first", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix + "-1") }, false},
		{"in no number", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix + "x") }, false},
		{"in none", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix) }, false},
		{"in a huge number", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefix + strings.Repeat("9", 100)) }, false},
		{"another letter", func(e *chat.Event) { e.Group.ID = "X" + e.Group.ID[1:] }, false},
		{"another digit", func(e *chat.Event) { e.Group.ID = e.Group.ID[:len(prefix)-2] + "x" + e.Group.ID[len(prefix)-1:] }, false},
		{"the word alone", func(e *chat.Event) { e.Group.ID = "heartbeat-1" }, false},
		{"the empty group", func(e *chat.Event) { e.Group.ID = "" }, false},
		{"of another provider", func(e *chat.Event) { e.Provider = chat.CAMS }, false},
		{"of another account", func(e *chat.Event) { e.Account = "2" }, false},
		{"of what it becomes", func(e *chat.Event) { e.Provider = chat.Heartbeat }, false},
		{"a join", func(e *chat.Event) { e.Kind = chat.Join }, false},
		{"by another secret", func(e *chat.Event) {
			e.Group.ID = chat.GroupID(prefixOf(lineTo(chat.Tencent, "1", secret+"x")) + "1")
		}, false},
		{"by no secret", func(e *chat.Event) { e.Group.ID = chat.GroupID(prefixOf(lineTo(chat.Tencent, "1", "")) + "1") }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := beatOf(h.lines[0], 1, time.Now())
			test.change(e)
			if own, ok := h.Own(e); ok != test.own {
				t.Errorf("%+v becomes %+v, %v", e, own, ok)
			}
		})
	}
}

func TestNamesSayNothingOfTheSecret(t *testing.T) {
	of := lineTo(chat.Tencent, "1", secret)
	name := prefixOf(of)
	if name != prefixOf(lineTo(chat.Tencent, "1", secret)) {
		t.Error("two replicas have two names")
	}
	others := map[string]bool{name: true}
	for _, l := range []Line{
		lineTo(chat.CAMS, "1", secret), lineTo(chat.Tencent, "2", secret), lineTo(chat.Tencent, "1", secret+"1"),
		lineTo(chat.Tencent, "1", ""), lineTo(chat.Tencent, "1", ""),
	} {
		if other := prefixOf(l); others[other] || strings.Contains(other, secret) {
			t.Errorf("%s of %s %s is no name of its own", other, l.Provider, l.Account)
		} else {
			others[other] = true
		}
	}
	if len(name) != len("heartbeat-")+32+1 {
		t.Errorf("%s does not have 128 bits", name)
	}
}

func TestBeatsTakeTurnsInAllPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.IntRange(1, 512).Draw(t, "partitions")
		account := chat.Account(rapid.StringN(1, 20, -1).Draw(t, "account"))
		of := partOf(parts)
		l := newLine(lineTo(chat.Tencent, account, secret), parts, of)
		from := rapid.IntRange(0, 1<<30).Draw(t, "beat")
		seen := map[int]bool{}
		h := &Heart{lines: []*line{l}}
		for n := range parts {
			own, ok := h.Own(beatOf(l, from+n, time.Now()))
			if !ok || !l.of(own.Group) {
				t.Fatalf("beat %d is not known", from+n)
			}
			seen[of(own.Group)] = true
		}
		if len(seen) != parts {
			t.Fatalf("%d of %d partitions", len(seen), parts)
		}
	})
}
