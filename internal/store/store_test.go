package store_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
)

// The vectors hold for ever, because stored data was placed by them. They were worked out apart
// from the code, from the description at PartitionOf.
func TestPartitionVectors(t *testing.T) {
	for _, test := range []struct {
		g    chat.Group
		want [3]int // of 16, 7 and 1024
	}{
		{chat.Group{}, [3]int{6, 0, 102}},
		{chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1"}, [3]int{14, 4, 670}},
		{chat.Group{Provider: chat.CAMS, Account: "cams-space", ID: "120363@g.us"}, [3]int{7, 3, 375}},
		{chat.Group{Provider: chat.Tencent, Account: "a", ID: "bc"}, [3]int{6, 2, 182}},
		{chat.Group{Provider: chat.Tencent, Account: "ab", ID: "c"}, [3]int{4, 0, 196}},
		{chat.Group{Provider: chat.Tencent, Account: "\x00", ID: "\xff}{"}, [3]int{11, 6, 187}},
	} {
		for i, n := range []int{16, 7, 1024} {
			if got := store.PartitionOf(test.g, n); got != test.want[i] {
				t.Errorf("PartitionOf(%+v, %d) = %d, want %d", test.g, n, got, test.want[i])
			}
		}
		if got := store.PartitionOf(test.g, 1); got != 0 {
			t.Errorf("PartitionOf(%+v, 1) = %d, want 0", test.g, got)
		}
	}
	for _, test := range []struct {
		id, key string
		want    int // of 1024
	}{{"", "", 835}, {"rule", "key", 138}, {"same_text", "\x00\xff", 692}} {
		if got := store.PartitionOfKey(test.id, test.key, 1024); got != test.want {
			t.Errorf("PartitionOfKey(%q, %q, 1024) = %d, want %d", test.id, test.key, got, test.want)
		}
	}
}

func TestPartitionsAreEven(t *testing.T) {
	var counts [16]int
	for i := range 16_000 {
		id := []byte{'g', byte('0' + i/10_000), byte('0' + i/1000%10), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)}
		counts[store.PartitionOf(chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(id)}, 16)]++
	}
	for part, n := range counts {
		if n < 850 || n > 1150 {
			t.Errorf("partition %d holds %d of 16,000 numbered groups, want about 1,000", part, n)
		}
	}
}

func TestActionRoundTrip(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 123456789, time.UTC)
	for _, id := range []string{"", "u1", "\x00", "a\x00b", "}{", "世界", "\xff", "a\xffb", "\xed\xa0\x80"} {
		want := chat.Action{
			ID: "0123", Case: "4567", Group: chat.Group{Provider: chat.Tencent, Account: chat.Account("acc" + id), ID: chat.GroupID(id)},
			GroupType: chat.Public, Member: chat.MemberID(id), EventAt: at, Received: at,
			Intent: chat.Intent{Kind: chat.Remove, Rule: "r", Reason: "广告 <b>&", Until: at},
		}
		body, err := store.MarshalAction(want)
		if err != nil {
			t.Fatalf("encoding member %q: %v", id, err)
		}
		got, err := store.UnmarshalAction(body)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("member %q: %+v, %v, want %+v", id, got, err, want)
		}
	}
	if a, err := store.UnmarshalAction([]byte(`{"id":`)); err == nil {
		t.Errorf("half an action was read as %+v", a)
	}
}

func TestDefaults(t *testing.T) {
	o := store.Options{Partitions: 3, MaxRecords: 5}.Defaults()
	if o.Partitions != 3 || o.MaxRecords != 5 {
		t.Errorf("set options changed to %+v", o)
	}
	if o.Lease != 15*time.Second || o.KeepSeen != 24*time.Hour || o.KeepRecords != 30*24*time.Hour || o.KeepText != 7*24*time.Hour || o.MaxGroups != 10_000 || o.Now == nil {
		t.Errorf("defaults are %+v", o)
	}
}

func TestTextsAreKeptNoLongerThanRecords(t *testing.T) {
	for _, test := range []struct{ text, records, want time.Duration }{
		{0, time.Hour, time.Hour},
		{2 * time.Hour, time.Hour, time.Hour},
		{time.Minute, time.Hour, time.Minute},
		{60 * 24 * time.Hour, 0, 30 * 24 * time.Hour},
	} {
		o := store.Options{KeepText: test.text, KeepRecords: test.records}.Defaults()
		if o.KeepText != test.want {
			t.Errorf("texts for %v, records for %v: texts are kept for %v, want %v", test.text, test.records, o.KeepText, test.want)
		}
	}
}

// What repeats the message must not outlive it in the audit.
func TestTheAuditKeepsNoQuotation(t *testing.T) {
	c := chat.Case{Event: chat.Event{Text: "casino time"}, Intents: []chat.Intent{
		{Kind: chat.Warn, Reason: `You said "casino"`, Quotes: true}, {Kind: chat.Remove, Reason: "Spam"},
	}}
	kept := store.Audited(&c)
	if kept.Event.Text != "" || kept.Intents[0].Reason != "" || kept.Intents[1].Reason != "Spam" {
		t.Errorf("kept %+v", kept)
	}
	if c.Event.Text == "" || c.Intents[0].Reason == "" {
		t.Error("the case itself was changed")
	}
}
