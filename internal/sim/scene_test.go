package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// judge is a bot of a few lines that follows the rules for which the scene is made. It shows that
// the plan follows from the traffic.
type judge struct {
	b *bench

	mu      sync.Mutex // guards the fields below
	judged  map[string]bool
	joins   map[string][]int64
	joined  map[string]int64
	said    map[string][]int64
	removed map[string]bool
}

type observed struct {
	CallbackCommand, GroupId, Type, From_Account, MsgId string
	EventTime                                           int64
	MsgBody                                             []struct{ MsgContent struct{ Text string } }
	NewMemberList                                       []struct{ Member_Account string }
}

func (j *judge) answer(_ int, p push) (int, string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if strings.HasPrefix(p.path, "/webhook/cams/") {
		var items []struct{ From, GroupId string }
		if err := json.Unmarshal(p.body, &items); err != nil {
			j.b.t.Error(err)
		}
		for _, i := range items {
			j.risky(i.GroupId, i.From)
		}
		return 200, fine
	}
	var o observed
	if err := json.Unmarshal(p.body, &o); err != nil {
		j.b.t.Error(err)
	}
	switch o.CallbackCommand {
	case afterJoin:
		for _, m := range o.NewMemberList {
			who := o.GroupId + m.Member_Account
			j.joined[who] = o.EventTime
			delete(j.removed, who)
			j.joins[o.GroupId] = append(j.joins[o.GroupId], o.EventTime)
			if within(j.joins[o.GroupId], o.EventTime, time.Minute) >= 20 {
				j.remove(o, m.Member_Account)
			}
		}
	case beforeSend, afterSend:
		j.message(o)
	}
	return 200, fine
}

func (j *judge) message(o observed) {
	if j.judged[o.GroupId+o.MsgId] || o.From_Account == "owner_lin" {
		return
	}
	j.judged[o.GroupId+o.MsgId] = true
	who, text := o.GroupId+o.From_Account, o.MsgBody[0].MsgContent.Text
	j.said[who] = append(j.said[who], o.EventTime)
	at, known := j.joined[who]
	fresh := known && o.EventTime-at < (10*time.Minute).Milliseconds()
	if strings.Contains(text, "赌博") || within(j.said[who], o.EventTime, 10*time.Second) >= 5 ||
		fresh && strings.Contains(text, "://") && !strings.Contains(text, "://example.com") {
		j.remove(o, o.From_Account)
	}
}

func within(times []int64, now int64, d time.Duration) (n int) {
	for _, t := range times {
		if now-t < d.Milliseconds() && t <= now {
			n++
		}
	}
	return n
}

func (j *judge) remove(o observed, member string) {
	if j.removed[o.GroupId+member] {
		return
	}
	j.removed[o.GroupId+member] = true
	command, body := "delete_group_member", fmt.Sprintf(`{"GroupId":%q,"MemberToDel_Account":[%q]}`, o.GroupId, member)
	if o.Type == AVChatRoom {
		command, body = "forbid_send_msg", fmt.Sprintf(`{"GroupId":%q,"Members_Account":[%q],"MuteTime":4294967295}`, o.GroupId, member)
	}
	if code := j.b.code(command, body); code != 0 {
		j.b.t.Errorf("%s of %q: code %d", command, member, code)
	}
}

func (j *judge) risky(group, number string) {
	if strings.HasPrefix(number, "155501007") && !j.removed[group+number] {
		j.removed[group+number] = true
		j.b.operation("DeleteChatGroupParticipants", map[string]string{"GroupId": group, "List": fmt.Sprintf(`[{"ParticipantNumber":%q}]`, number)})
	}
}

// patrol reads the member list until the context ends.
func (j *judge) patrol(ctx context.Context) {
	for sleep(ctx, 20*time.Millisecond) == nil {
		j.mu.Lock()
		_, code, answer := j.b.operation("ListChatGroupParticipants", map[string]string{"GroupId": "EA93UU0001", "Page": `{"Index":1,"Size":20}`})
		if code == "OK" {
			for _, n := range numbers(answer) {
				j.risky("EA93UU0001", n)
			}
		}
		j.mu.Unlock()
	}
}

func newJudge(b *bench) *judge {
	return &judge{b: b, judged: map[string]bool{}, joins: map[string][]int64{}, joined: map[string]int64{}, said: map[string][]int64{}, removed: map[string]bool{}}
}

func TestSceneIsJudgedAsPlanned(t *testing.T) {
	b := start(t, Options{CAMS: CAMSOptions{Rate: -1}})
	if err := b.Setup(Scene{}); err != nil {
		t.Fatal(err)
	}
	j := newJudge(b)
	b.listen(j.answer)
	ctx, stop := context.WithCancel(t.Context())
	var patrol sync.WaitGroup
	patrol.Go(func() { j.patrol(ctx) })
	defer patrol.Wait()
	defer stop()

	var steps []string
	plan, err := b.Play(t.Context(), Scene{Absence: time.Millisecond, Step: func(title string) { steps = append(steps, title) }})
	if err != nil {
		t.Fatal(err)
	}
	wait, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	missing, surplus := b.Await(wait, plan)
	if len(missing) > 0 || len(surplus) > 0 {
		t.Errorf("missing %v, surplus %v", missing, surplus)
	}
	if v := b.Violations(); v != (Violations{}) {
		t.Errorf("violations %+v", v)
	}
	if len(plan.Offenders) != 15 || len(plan.Spared) != 4 || len(steps) != 8 {
		t.Errorf("%d offenders, %d spared, %d steps; want 15, 4 and 8", len(plan.Offenders), len(plan.Spared), len(steps))
	}
	for _, o := range plan.Spared {
		if !b.world.Has(o.Group, o.Member) {
			t.Errorf("%q is gone: %s", o.Member, o.Why)
		}
	}
	if !b.world.Muted("@TGS#aROOM", "viewer_loud") {
		t.Error("the loud viewer is not muted")
	}
}

func TestSceneWithoutABotPlansAndSaysWhatIsMissing(t *testing.T) {
	b := start(t, Options{})
	b.listen(accept)
	plan, err := b.Play(t.Context(), Scene{Patience: 20 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "did not read the member list") || !strings.Contains(err.Error(), `"boomerang" was not removed`) {
		t.Errorf("error %v", err)
	}
	missing, surplus := b.Compare(plan)
	if len(missing) != len(plan.Offenders) || len(surplus) != 0 {
		t.Errorf("%d of %d missing, surplus %v", len(missing), len(plan.Offenders), surplus)
	}
}

func TestCompareNamesTheInnocent(t *testing.T) {
	b := start(t, Options{})
	b.add(Group{Provider: Tencent, ID: "g", Type: Public, Members: []string{"a", "b"}})
	b.code("delete_group_member", `{"GroupId":"g","MemberToDel_Account":["a","b"]}`)
	missing, surplus := b.Compare(Plan{Offenders: []Offender{{Tencent, "g", "a", "once"}, {Tencent, "g", "a", "twice"}}})
	if len(missing) != 1 || missing[0].Why != "twice" || len(surplus) != 1 || surplus[0].Member != "b" {
		t.Errorf("missing %v, surplus %v", missing, surplus)
	}
}

func TestSceneEndsWithItsContext(t *testing.T) {
	b := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Play(ctx, Scene{}); err == nil {
		t.Error("it was played")
	}
}
