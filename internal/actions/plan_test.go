package actions

import (
	"slices"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

func action(member, api, merge string, limit int) *held {
	h := &held{route: Route{API: api, Max: limit, Merge: merge}}
	h.Member = chat.MemberID(member)
	return h
}

// message is an action on a message: its call takes several of one member, and nothing waits for it.
func message(member, topic string, limit int) *held {
	h := action(member, "recall", topic, limit)
	h.route.PerMessage, h.route.Yields = true, true
	return h
}

func show(hs []*held) []string {
	out := []string{}
	for _, h := range hs {
		out = append(out, string(h.Member)+"/"+h.route.API+h.route.Merge)
	}
	return out
}

func TestNextCall(t *testing.T) {
	kick := func(m string) *held { return action(m, "kick", "", 3) }
	mute := func(m string) *held { return action(m, "mute", "", 5) }
	small := func(m string) *held { h := kick(m); h.limit = 2; return h }
	late := func(m string) *held { h := kick(m); h.due = time.Now().Add(time.Hour); return h }
	recall := func(m string) *held { return message(m, "", 3) }
	failed := func(m string) *held { h := recall(m); h.due = time.Now().Add(time.Hour); return h }
	whole := func() *held { return action("", "destroy", "", 1) }
	for _, tt := range []struct {
		name        string
		waiting     []*held
		busy        []string
		batch, rest []string
	}{
		{"equal calls share a batch", []*held{kick("a"), kick("b")}, nil, []string{"a/kick", "b/kick"}, nil},
		{"a batch takes what the call takes", []*held{kick("a"), kick("b"), kick("c"), kick("d")}, nil,
			[]string{"a/kick", "b/kick", "c/kick"}, []string{"d/kick"}},
		{"another call between does not part a batch", []*held{kick("a"), mute("b"), kick("c")}, nil,
			[]string{"a/kick", "c/kick"}, []string{"b/mute"}},
		{"a member's earlier action goes first", []*held{kick("a"), mute("b"), kick("b")}, nil,
			[]string{"a/kick"}, []string{"b/mute", "b/kick"}},
		{"a member is in a batch once", []*held{kick("a"), kick("a")}, nil, []string{"a/kick"}, []string{"a/kick"}},
		{"a busy member waits, others go", []*held{kick("a"), kick("b")}, []string{"a"}, []string{"b/kick"}, []string{"a/kick"}},
		{"another reason is another call", []*held{kick("a"), action("b", "kick", "x", 3)}, nil, []string{"a/kick"}, []string{"b/kickx"}},
		{"a suspect batch is smaller", []*held{small("a"), small("b"), small("c")}, nil, []string{"a/kick", "b/kick"}, []string{"c/kick"}},
		{"a suspect does not join a larger batch", []*held{kick("a"), kick("b"), small("c")}, nil,
			[]string{"a/kick", "b/kick"}, []string{"c/kick"}},
		{"the whole group goes alone", []*held{whole(), kick("a")}, nil, []string{"/destroy"}, []string{"a/kick"}},
		{"the whole group waits for what is before it", []*held{kick("a"), whole(), kick("b")}, nil,
			[]string{"a/kick"}, []string{"/destroy", "b/kick"}},
		{"the whole group does not wait for what is not due", []*held{late("a"), whole(), kick("b")}, nil,
			[]string{"/destroy"}, []string{"a/kick", "b/kick"}},
		{"what is not due stays behind", []*held{late("a"), kick("a"), kick("b")}, nil, []string{"b/kick"}, []string{"a/kick", "a/kick"}},
		{"the whole group waits for calls in flight", []*held{whole(), kick("a")}, []string{"z"}, nil, []string{"/destroy", "a/kick"}},
		{"members wait while the whole group is dealt with", []*held{kick("a")}, []string{""}, nil, []string{"a/kick"}},
		{"nothing waits", nil, nil, nil, nil},
		{"messages of one member share a batch", []*held{recall("a"), recall("b"), recall("a"), recall("a")}, nil,
			[]string{"a/recall", "b/recall", "a/recall"}, []string{"a/recall"}},
		{"what stands between two messages of a member keeps its place", []*held{recall("a"), kick("a"), recall("a"), recall("b")}, nil,
			[]string{"a/recall", "b/recall"}, []string{"a/kick", "a/recall"}},
		{"a recall goes before the removal of its member", []*held{recall("a"), kick("a"), kick("b")}, nil,
			[]string{"a/recall"}, []string{"a/kick", "b/kick"}},
		{"a removal waits for the recall in flight", []*held{kick("a")}, []string{"a"}, nil, []string{"a/kick"}},
		{"messages of another topic are another call", []*held{recall("a"), message("a", "t", 3)}, nil, []string{"a/recall"}, []string{"a/recallt"}},
		{"a recall that failed does not hold up the removal", []*held{failed("a"), kick("a")}, nil, []string{"a/kick"}, []string{"a/recall"}},
		{"a recall that failed does not hold up another", []*held{failed("a"), recall("a")}, nil, []string{"a/recall"}, []string{"a/recall"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			busy := map[subject]bool{}
			for _, m := range tt.busy {
				busy[subject{member: chat.MemberID(m)}] = true
			}
			lead, _ := leader(tt.waiting, busy, time.Now())
			batch, rest := nextCall(tt.waiting, busy, time.Now())
			if !slices.Equal(show(batch), append([]string{}, tt.batch...)) || !slices.Equal(show(rest), append([]string{}, tt.rest...)) {
				t.Errorf("batch %v rest %v, want %v and %v", show(batch), show(rest), tt.batch, tt.rest)
			}
			if (lead == nil) != (len(batch) == 0) || lead != nil && lead != batch[0] {
				t.Errorf("leader is %v, the batch %v", lead, show(batch))
			}
		})
	}
}
