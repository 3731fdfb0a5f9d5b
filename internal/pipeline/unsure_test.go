package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// deaf is a store whose answers to some commits do not come. What they store is stored.
type deaf struct {
	*memoryStore
	lose []bool // of each commit, whether its answer is lost; those behind the last are not
}

func (s *deaf) Commit(ctx context.Context, cases []chat.Case) ([]chat.Committed, error) {
	done, err := s.memoryStore.Commit(ctx, cases)
	if len(s.lose) == 0 {
		return done, err
	}
	lose := s.lose[0]
	if s.lose = s.lose[1:]; lose {
		return nil, errors.New("no answer came")
	}
	return done, err
}

// An event is judged again after a commit whose answer did not come, be it stored or not: its alert is
// given once, whichever of the answers came.
func TestACaseIsToldOnceWhateverAnswersCome(t *testing.T) {
	for _, lose := range [][]bool{{false}, {true}, {true, true}, {false, true}, {true, false, true}} {
		s := &deaf{&memoryStore{counts: map[string]int{}, seen: map[chat.CaseID]bool{}, marks: map[string]bool{}}, slices.Clone(lose)}
		b := buildOn(t, rules, nil, s)
		for taken := 0; taken < 2; {
			left := len(s.lose)
			_, err := b.Handle(t.Context(), []chat.Event{say("1", "bob", "casino")})
			if lost := slices.Contains(lose[len(lose)-left:len(lose)-len(s.lose)], true); (err != nil) != lost {
				t.Fatal(err)
			}
			if err == nil {
				taken++
			}
		}
		alerts := 0
		for _, line := range b.counted {
			if line == "tencent alert done" {
				alerts++
			}
		}
		if logged := strings.Count(b.log.String(), "msg=alert"); logged != 1 || alerts != 1 || b.decided != 1 {
			t.Errorf("answers lost %v: %d alerts logged, %d counted, %d cases told", lose, logged, alerts, b.decided)
		}
	}
}
