package sim

import (
	"encoding/json"
	"slices"
	"time"
)

// destroyGroup is destroy_group (https://www.tencentcloud.com/document/product/1047/34896).
func (s *Server) destroyGroup(r *request) (any, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	delete(w.groups, g.ID)
	return ok(), nil
}

// modifyGroup is modify_group_base_info (https://www.tencentcloud.com/document/product/1047/34962).
func (s *Server) modifyGroup(r *request) (any, error) {
	mute, err := r.text("MuteAllMember")
	if err != nil {
		return nil, err
	}
	joining, err := r.text("ApplyJoinOption")
	if err != nil {
		return nil, err
	}
	name, err := r.text("Name")
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "On", "Off"}, mute) {
		return nil, refuse(badParameter, "MuteAllMember is neither On nor Off")
	}
	if !slices.Contains([]string{"", "FreeAccess", "NeedPermission", "DisableApply"}, joining) {
		return nil, refuse(badParameter, "ApplyJoinOption has no such value")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if g.Type == Private && mute != "" {
		return nil, refuse(notPermitted, "a Private group has no mutes")
	}
	if mute != "" {
		g.MuteAll = mute == "On"
	}
	if joining != "" {
		g.Joining = joining
	}
	if name != "" {
		g.Name = name
	}
	return ok(), nil
}

// outgoing is what send_group_msg asks for.
type outgoing struct {
	from          string
	text          string
	random        uint32
	before, after bool // whether webhooks report it
}

// sendGroupMsg is send_group_msg (https://www.tencentcloud.com/document/product/1047/34959).
func (s *Server) sendGroupMsg(r *request) (any, error) {
	out, err := r.outgoing()
	if err != nil {
		return nil, err
	}
	r.call.Text = out.text[:min(len(out.text), maxText)]
	w := s.world
	w.mu.Lock()
	g, err := r.group(w)
	if err != nil {
		w.mu.Unlock()
		return nil, err
	}
	is := g.Group
	said := Said{Member: out.from, Text: out.text, At: s.now()}
	w.number(g, &said)
	said.Random = out.random
	w.mu.Unlock()
	if out.before {
		if said, err = s.askSay(is, said, r.admin, platformREST); err != nil {
			return nil, refuse(10016, "refused by the app backend")
		}
	}
	if !said.dropped {
		if said, err = w.deliver(is.ID, said); err != nil {
			return nil, refuse(noGroup, "the group does not exist")
		}
		if out.after {
			s.echoSay(is, said, r.admin)
		}
	}
	return struct {
		envelope
		MsgTime int64
		MsgSeq  uint32
	}{ok(), said.At.Unix(), said.Seq}, nil
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
	from, err := r.text("From_Account")
	if err != nil {
		return out, err
	}
	fill(&from, r.admin)
	out.from = from
	var body []struct {
		MsgType    string
		MsgContent struct{ Text string }
	}
	if json.Unmarshal(r.fields["MsgBody"], &body) != nil || len(body) == 0 {
		return out, refuse(badParameter, "MsgBody is not an array with at least one element")
	}
	if len(r.fields["MsgBody"]) > 12<<10 {
		return out, refuse(80002, "the message is over 12 KB")
	}
	out.text = body[0].MsgContent.Text
	if raw, there := r.fields["ForbidCallbackControl"]; there {
		var off []string
		if json.Unmarshal(raw, &off) != nil {
			return out, refuse(badParameter, "ForbidCallbackControl is not an array of strings")
		}
		out.before = !slices.Contains(off, "ForbidBeforeSendMsgCallback")
		out.after = !slices.Contains(off, "ForbidAfterSendMsgCallback")
	}
	return out, nil
}

// recallMsg is group_msg_recall (https://www.tencentcloud.com/document/product/1047/34965): at most
// 10 messages; in an AVChatRoom not older than an hour.
func (s *Server) recallMsg(r *request) (any, error) {
	var seqs []struct{ MsgSeq *uint32 }
	if json.Unmarshal(r.fields["MsgSeqList"], &seqs) != nil || len(seqs) == 0 {
		return nil, refuse(badParameter, "MsgSeqList is not an array with at least one element")
	}
	if len(seqs) > 10 {
		return nil, refuse(tooMany, "MsgSeqList holds over 10 elements")
	}
	var err error
	if r.call.Reason, err = r.text("Reason"); err != nil {
		return nil, err
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	type result struct {
		MsgSeq  uint32
		RetCode int
	}
	results := make([]result, len(seqs))
	for i, q := range seqs {
		if q.MsgSeq == nil {
			return nil, refuse(badParameter, "an element of MsgSeqList has no MsgSeq")
		}
		results[i] = result{*q.MsgSeq, g.recall(*q.MsgSeq, s.now())}
	}
	return struct {
		envelope
		RecallRetList []result
	}{ok(), results}, nil
}

// recall takes one message back and returns its code.
func (g *group) recall(seq uint32, now time.Time) int {
	i := slices.IndexFunc(g.kept, func(m Said) bool { return m.Seq == seq })
	switch {
	case i < 0:
		return 10030
	case g.Type == AVChatRoom && now.Sub(g.kept[i].At) > time.Hour:
		return 10031
	}
	g.kept[i].Recalled = true
	return 0
}
