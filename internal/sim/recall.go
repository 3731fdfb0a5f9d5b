package sim

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// recallMsg is group_msg_recall (https://www.tencentcloud.com/document/product/1047/34965): at most
// 10 messages of one topic; in an AVChatRoom not older than an hour. Who takes back a message of the
// owner or an admin is counted.
func (s *Server) recallMsg(r *request) (any, error) {
	seqs, err := r.numbers()
	if err != nil {
		return nil, err
	}
	topic, err := r.text("TopicId")
	if err != nil {
		return nil, err
	}
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
	if !g.hasTopic(topic) {
		return nil, refuse(badTopic, "there can be no such topic in the group")
	}
	type result struct {
		MsgSeq  uint32
		RetCode int
	}
	results := make([]result, len(seqs))
	for i, seq := range seqs {
		results[i] = result{seq, s.recall(g, topic, seq)}
	}
	return struct {
		envelope
		RecallRetList []result
	}{ok(), results}, nil
}

// numbers reads MsgSeqList. A message that stands in it twice is a mistake of the caller.
func (r *request) numbers() ([]uint32, error) {
	var list []struct{ MsgSeq *uint32 }
	d := json.NewDecoder(bytes.NewReader(r.fields["MsgSeqList"]))
	d.DisallowUnknownFields()
	if d.Decode(&list) != nil || len(list) == 0 {
		return nil, refuse(badParameter, "MsgSeqList is not an array with at least one element")
	}
	r.call.Count = len(list)
	if len(list) > 10 {
		return nil, refuse(tooMany, "MsgSeqList holds over 10 elements")
	}
	var seqs []uint32
	for _, e := range list {
		if e.MsgSeq == nil || *e.MsgSeq == 0 || slices.Contains(seqs, *e.MsgSeq) {
			return nil, refuse(badParameter, "an element of MsgSeqList has no MsgSeq of its own")
		}
		seqs = append(seqs, *e.MsgSeq)
	}
	return seqs, nil
}

// recall takes one message back and returns its code.
func (s *Server) recall(g *group, topic string, seq uint32) int {
	i := slices.IndexFunc(g.kept, func(m Said) bool { return m.Seq == seq && m.Topic == topic })
	if i < 0 {
		return messageGone
	}
	m := &g.kept[i]
	if role := g.role(m.Member); role == "Owner" || role == "Admin" {
		s.history.violate(func(v *Violations) { v.StaffRecalls++ })
	}
	if g.Type == AVChatRoom && s.now().Sub(m.At) > time.Hour {
		return messageOld
	}
	m.Recalled = true
	return 0
}
