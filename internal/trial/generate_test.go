package trial_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// traffic is a reader of recorded events, made as they are read: a few days of many groups, with links,
// banned words, floods and raids among them. The same number gives the same events.
type traffic struct {
	left int
	rnd  *rand.Rand
	at   time.Time
	plan []chat.Event
	rest []byte
}

func newTraffic(events int) *traffic {
	return &traffic{left: events, rnd: rand.New(rand.NewPCG(1, 2)), at: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)} //nolint:gosec // the same each time
}

func (g *traffic) Read(b []byte) (int, error) {
	if len(g.rest) == 0 {
		if g.left == 0 {
			return 0, io.EOF
		}
		e := g.next()
		line, err := json.Marshal(&e)
		if err != nil {
			return 0, err
		}
		g.rest = append(line, '\n')
	}
	n := copy(b, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

func (g *traffic) next() chat.Event {
	g.left--
	if len(g.plan) == 0 {
		g.scheme()
	}
	e := g.plan[0]
	g.plan = g.plan[1:]
	g.at = g.at.Add(time.Duration(g.rnd.IntN(300)) * time.Millisecond)
	e.At, e.ID, e.GroupType = g.at, chat.EventID(fmt.Sprint("e", g.left)), chat.Public
	return e
}

// scheme plans the next events.
func (g *traffic) scheme() {
	group := chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: chat.GroupID(fmt.Sprint("@TGS#", g.rnd.IntN(500)))}
	who := chat.MemberID(fmt.Sprint("user", g.rnd.IntN(100_000)))
	say := chat.Event{Group: group, Member: who, Kind: chat.Message, Text: fmt.Sprint("an ordinary message about lunch, number ", g.rnd.IntN(1000))}
	join := chat.Event{Group: group, Member: who, Kind: chat.Join, JoinKind: chat.Applied}
	switch n := g.rnd.IntN(1000); {
	case n == 0: // a raid
		for i := range 25 {
			join.Member = chat.MemberID(fmt.Sprint("raider", g.left, "-", i))
			g.plan = append(g.plan, join)
		}
	case n < 5: // a flood
		for range 8 {
			g.plan = append(g.plan, say)
		}
	case n < 10:
		say.Text = "cheap coins at http://win" + fmt.Sprint(g.rnd.IntN(50)) + ".example.net"
		g.plan = append(g.plan, join, say)
	case n < 15:
		say.Text = "casino bonus for everybody"
		g.plan = append(g.plan, say)
	case n < 50:
		g.plan = append(g.plan, join)
	default:
		g.plan = append(g.plan, say)
	}
}
