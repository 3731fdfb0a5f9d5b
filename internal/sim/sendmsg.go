package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// outgoing is what send_group_msg asks for.
type outgoing struct {
	from          string
	topic         string
	text          string
	random        uint32
	before, after bool // whether webhooks report it
}

// sent is the answer of send_group_msg.
type sent struct {
	envelope
	MsgTime int64
	MsgSeq  uint32
}

// maxRepeat is how long an equal text with an equal Random counts as the same message
// (https://www.tencentcloud.com/document/product/1047/34959).
const maxRepeat = 5 * time.Minute

// sendGroupMsg is send_group_msg (https://www.tencentcloud.com/document/product/1047/34959). The
// sender need not be a member, but must be an account that exists.
func (s *Server) sendGroupMsg(r *request) (any, error) {
	out, err := r.outgoing()
	if err != nil {
		return nil, err
	}
	r.call.Text = out.text[:min(len(out.text), maxText)]
	is, said, repeated, err := s.prepare(r, out)
	if err != nil || repeated {
		return sent{ok(), said.At.Unix(), said.Seq}, err
	}
	if out.before {
		if said, err = s.askSay(is, said, r.admin, platformREST); err != nil {
			return nil, refuse(10016, "refused by the app backend")
		}
	}
	if !said.dropped {
		if said, err = s.world.deliver(is.ID, said); err != nil {
			return nil, refuse(noGroup, "the group does not exist")
		}
		if out.after {
			s.echoSay(is, said, r.admin)
		}
	}
	return sent{ok(), said.At.Unix(), said.Seq}, nil
}

// prepare numbers an outgoing message, or finds the one that it repeats.
func (s *Server) prepare(r *request, out outgoing) (is Group, said Said, repeated bool, err error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return is, said, false, err
	}
	if !slices.Contains(s.options.Tencent.Admins, out.from) && !w.known(out.from) {
		return is, said, false, refuse(notImported, "From_Account does not exist")
	}
	if !g.hasTopic(out.topic) {
		return is, said, false, refuse(badTopic, "there can be no such topic in the group")
	}
	now := s.now()
	i := slices.IndexFunc(g.kept, func(m Said) bool {
		return m.Random == out.random && m.Member == out.from && m.Topic == out.topic && m.Text == out.text && now.Sub(m.At) < maxRepeat
	})
	if i >= 0 {
		return g.Group, g.kept[i], true, nil
	}
	said = Said{Member: out.from, Topic: out.topic, Text: out.text, At: now}
	w.number(g, &said)
	said.Random = out.random
	return g.Group, said, false, nil
}

// known tells whether somebody is a member of any group. The caller holds the lock.
func (w *World) known(account string) bool {
	for _, g := range w.groups {
		if _, there := g.members[account]; there && g.Provider == Tencent {
			return true
		}
	}
	return false
}

// hasTopic tells whether a group can have a topic (https://trtc.io/document/33529). Every group has
// the empty one.
func (g *group) hasTopic(topic string) bool {
	return topic == "" || g.Type == Community && len(topic) <= 96 && strings.HasPrefix(topic, g.ID+"@TOPIC#_")
}

// outgoing reads the body of send_group_msg.
func (r *request) outgoing() (outgoing, error) {
	out := outgoing{before: true, after: true, from: r.admin}
	random, there, err := r.number("Random")
	if err != nil {
		return out, err
	}
	if !there {
		return out, refuse(badParameter, "Random is missing")
	}
	out.random = random
	for key, field := range map[string]*string{"From_Account": &out.from, "TopicId": &out.topic} {
		text, err := r.text(key)
		if err != nil {
			return out, err
		}
		if text != "" {
			*field = text
		}
	}
	priority, err := r.text("MsgPriority")
	if err != nil {
		return out, err
	}
	if !slices.Contains([]string{"", "High", "Normal", "Low"}, priority) {
		return out, refuse(badParameter, "MsgPriority is neither High nor Normal nor Low")
	}
	if out.text, err = r.words(); err != nil {
		return out, err
	}
	if _, there := r.fields["ForbidCallbackControl"]; !there {
		return out, nil
	}
	off, err := r.texts("ForbidCallbackControl", 2, badParameter)
	if err != nil {
		return out, err
	}
	for _, name := range off {
		switch name {
		case "ForbidBeforeSendMsgCallback":
			out.before = false
		case "ForbidAfterSendMsgCallback":
			out.after = false
		default:
			return out, refuse(badParameter, fmt.Sprintf("ForbidCallbackControl has no %q", name))
		}
	}
	return out, nil
}

// words reads a MsgBody, which can hold text alone here.
func (r *request) words() (string, error) {
	raw := r.fields["MsgBody"]
	if len(raw) > 12<<10 {
		return "", refuse(tooLong, "the message is over 12 KB")
	}
	var body []struct {
		MsgType    string
		MsgContent struct{ Text string }
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&body) != nil || len(body) == 0 {
		return "", refuse(badParameter, "MsgBody is not an array with at least one text element")
	}
	var lines []string
	for _, e := range body {
		if e.MsgType != "TIMTextElem" || e.MsgContent.Text == "" {
			return "", refuse(badParameter, "MsgBody holds an element that is no text, or an empty one")
		}
		lines = append(lines, e.MsgContent.Text)
	}
	return strings.Join(lines, "\n"), nil
}
