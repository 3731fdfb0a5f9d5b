package policy

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// suspect is a rule of which its conditions do not tell whether they leave anybody out.
type suspect struct {
	rule *rule
	node *yaml.Node // where it is reported
}

// probe is one of those who do nothing special, and what they say.
type probe struct {
	id     chat.MemberID // on a provider that gives out names
	number chat.MemberID // on one that knows members by their phone
	name   string
	text   string
}

// probes have nothing in common but that they are ordinary: a rule that matches all of them asks for
// nothing. The first leaves out the most rules.
func probes() []probe {
	return []probe{
		{"u8842", "966500000042", "فاطمة", "👍"},
		{"anna_k", "15550100142", "Anna K.", "ok"},
		{"xiaoming", "8617000000001", "小明", "好的，谢谢大家！"},
		{"Петр", "79000000042", "Пётр", "Привет! Кто сегодня идёт на тренировку?"},
		{"72051", "201000000042", "نور", "صباح الخير، متى نلتقي اليوم؟"},
		{"kim.lee", "821000000042", "이수진", "42"},
		{"B", "447700900142", "B", "Thanks for the photos! We were late because the train stood still for half an hour before the bridge, " +
			"and then nobody could find the way from the station to the lake. The children did not mind at all, they played cards and ate " +
			"everything we had packed. Next time I would rather go in May, before it gets so hot, and stay for two nights. Does anybody " +
			"still have the number of that small hotel behind the church? My sister asks, her family wants to go there in the autumn. " +
			"See you all on Thursday."},
		{"wang-2009", "8613000000009", "王老师", "各位家长好，明天的活动改到下午两点开始，请大家提前十分钟到学校门口集合，带好水和帽子。" +
			"如果下雨就改到下周，到时候我再通知。上次的照片我已经放在相册里了，有需要的可以自己看。"},
	}
}

// event returns what the probe of the given number does. The events lie all over a week and all
// around the clock, so that no calendar holds for all of them but one that always does.
func (p *probe) event(number int, on chat.Provider, kind chat.Kind) *chat.Event {
	at := time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC).Add(time.Duration(number) * 21 * time.Hour)
	e := &chat.Event{
		Group: chat.Group{Provider: on, Account: "any", ID: "any"}, GroupType: chat.Public,
		ID: "any", Kind: kind, At: at, Received: at, Member: p.id, Name: p.name,
	}
	if on == chat.CAMS {
		e.GroupType, e.Member = chat.WhatsApp, p.number
	}
	if kind == chat.Message {
		e.Text = p.text
	}
	return e
}

// probe looks for rules that match all probes of a kind of events. It needs the words of the views.
func (l *loader) probe() {
	blamed := map[*rule]bool{}
	for _, on := range []chat.Provider{chat.Tencent, chat.CAMS} {
		for _, kind := range []chat.Kind{chat.Message, chat.Join} {
			for _, s := range l.matchingAll(on, kind) {
				if !blamed[s.rule] {
					blamed[s.rule] = true
					l.blame(s)
				}
			}
		}
	}
}

// matchingAll returns the suspects that match all probes of the kind. Of a member nothing is known but
// what the event says.
func (l *loader) matchingAll(on chat.Provider, kind chat.Kind) []suspect {
	var left []suspect
	for _, s := range l.suspects {
		if s.rule.on(kind) && s.rule.onProvider(on) {
			left = append(left, s)
		}
	}
	for i, p := range probes() {
		if len(left) == 0 {
			break
		}
		x := &Exam{
			r: l.out, e: p.event(i, on, kind), asked: true, before: -1,
			seen: make([]seen, len(l.out.views)), cels: make([]celAnswer, l.out.cels),
		}
		kept := left[:0]
		for _, s := range left {
			if s.rule.when.holds(x) == yes {
				kept = append(kept, s)
			}
		}
		left = kept
	}
	return left
}
