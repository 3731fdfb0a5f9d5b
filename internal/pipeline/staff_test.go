package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

const blocking = `version: 1
rules:
  - id: no-way
    on: message
    mode: enforce
    when: {text: {has_any: ["refuse me"]}}
    then: [{block: {code: 10101, text: "No"}}]
  - id: harsh
    on: message
    mode: enforce
    when: {text: {has_any: ["casino"]}}
    then: [{block: {}}, {remove: {}}]
  - id: door
    on: join
    mode: enforce
    when: {member: {id_matches: "lin*"}}
    then: [{block: {}}]
`

func asked(id, text string) chat.Event {
	e := say(id, "lin", text)
	e.Asked = true
	return e
}

func TestStaffIsNeverRefusedAMessage(t *testing.T) {
	away := errors.New("nobody answers")
	tests := []struct {
		name    string
		staff   bool
		err     error
		text    string
		block   bool
		intents string // of the case; empty: there is none
		level   string // of the log line; empty: there is none
	}{
		{"staff", true, nil, "refuse me, secretly", false, "", "INFO"},
		{"staff, what else the rule wants remains", true, nil, "casino, secretly", false, "remove", "INFO"},
		{"unknown", false, away, "refuse me, secretly", false, "", "WARN"},
		{"unknown, what else the rule wants remains", false, away, "casino, secretly", false, "remove", "WARN"},
		{"staff by an answer that failed", true, away, "refuse me, secretly", false, "", "WARN"},
		{"member", false, nil, "refuse me, secretly", true, "block", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := buildWith(t, blocking, func(_ context.Context, e *chat.Event) (bool, error) {
				if e.Member != "lin" {
					t.Errorf("asked about %s", e.Member)
				}
				return tt.staff, tt.err
			})
			verdicts, err := b.Handle(t.Context(), []chat.Event{asked("1", tt.text)})
			if err != nil || verdicts[0].Block != tt.block || !tt.block && verdicts[0] != (chat.Verdict{}) {
				t.Errorf("%v %v", verdicts, err)
			}
			var kinds []string
			for _, c := range b.store.cases {
				for _, in := range c.Intents {
					kinds = append(kinds, string(in.Kind))
				}
			}
			if strings.Join(kinds, " ") != tt.intents || (len(b.store.cases) == 0) != (tt.intents == "") {
				t.Errorf("cases %v, want the intents %q", b.store.cases, tt.intents)
			}
			if slices.Contains(b.counted, "tencent block spared") == tt.block || slices.Contains(b.counted, "tencent block done") != tt.block {
				t.Errorf("counted %v", b.counted)
			}
			log := b.log.String()
			if strings.Contains(log, "let through") != (tt.level != "") || !strings.Contains(log, "level="+tt.level) || strings.Contains(log, "secretly") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestOnlyABlockOfAnAskedMessageAsksWhoIsStaff(t *testing.T) {
	b := buildWith(t, blocking, func(_ context.Context, e *chat.Event) (bool, error) {
		t.Errorf("asked about %s %s", e.Kind, e.ID)
		return true, nil
	})
	join := asked("3", "")
	join.Kind, join.JoinKind = chat.Join, chat.Applied
	verdicts, err := b.Handle(t.Context(), []chat.Event{asked("1", "hello"), say("2", "lin", "refuse me casino"), join})
	if err != nil || verdicts[0].Block || !verdicts[2].Block {
		t.Errorf("%v %v", verdicts, err)
	}
}

func TestALookUpThatTakesTooLongRefusesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := buildWith(t, blocking, func(ctx context.Context, _ *chat.Event) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		})
		start := time.Now()
		verdicts, err := b.Handle(t.Context(), []chat.Event{asked("1", "refuse me")})
		if err != nil || verdicts[0].Block || len(b.store.cases) != 0 {
			t.Errorf("%v %v, cases %v", verdicts, err, b.store.cases)
		}
		if took := time.Since(start); took != 700*time.Millisecond {
			t.Errorf("gave up after %v", took)
		}
	})
}
