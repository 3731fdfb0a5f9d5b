package tencent

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// Codes of recalls, of the call and of each message (34965).
const (
	codeMessageGone  = 10030 // it does not exist (any more)
	codeMessageOld   = 10031
	codeMessageFixed = 10032 // it cannot be recalled
	codeMessageKind  = 10033 // its type cannot be
)

var (
	errNoNumber  = errors.New("routing a recall: the message has no number yet, as before it is sent; the webhook after sending carries it")
	errBadNumber = errors.New("routing a recall: the message's number is none of Tencent's")
)

// routeRecall routes the recall of one message. A call names one topic, or none.
func (s *Sender) routeRecall(a chat.Action) (actions.Route, error) {
	if a.Intent.Message == "" {
		return actions.Route{}, errNoNumber
	}
	if !messageNumber(a.Intent.Message) {
		return actions.Route{}, errBadNumber
	}
	r := s.route(apiRecall, maxRecall, a.Topic)
	r.PerMessage, r.Yields = true, true
	return r, nil
}

// recall takes messages back, once it is sure that their senders are not staff. Who has left the
// group has left his messages there.
func (j *job) recall(ctx context.Context, route actions.Route, which []int) {
	if which = j.strangers(ctx, route, which); len(which) == 0 {
		return
	}
	if failed, ok := j.take(ctx, apiRecall); !ok {
		j.settle(which, failed)
		return
	}
	if which = j.going(which); len(which) == 0 {
		return
	}
	list := numbersOf(j.acts, which)
	in := map[string]any{"GroupId": j.group, "MsgSeqList": list}
	if topic := j.acts[which[0]].Topic; topic != "" {
		in["TopicId"] = topic
	}
	var out struct {
		RecallRetList []struct {
			numbered
			Code *int `json:"RetCode"`
		}
	}
	j.caller.Batch(apiRecall, len(list))
	o := j.callIf(ctx, apiRecall, in, &out, j.allGo(which))
	if o.Class != actions.OK {
		j.settle(which, recallRefused(o, len(list)))
		return
	}
	codes := map[numbered]int{}
	for _, r := range out.RecallRetList {
		if r.Code != nil {
			codes[r.numbered] = *r.Code
		}
	}
	for _, i := range which {
		j.out[i] = actions.Outcome{Class: actions.Again, Code: outBadAnswer, Text: "the answer does not say what became of the message"}
		if code, told := codes[numberOf(j.acts[i])]; told {
			j.out[i] = j.recalled(code)
		}
	}
}

// numbered names one message of a group and topic, as lists of the call do.
type numbered struct {
	Seq uint32 `json:"MsgSeq"`
}

func numberOf(a chat.Action) numbered {
	n, _ := strconv.ParseUint(a.Intent.Message, 10, 32) // Route lets nothing else pass
	return numbered{uint32(n)}
}

// numbersOf returns the messages that the actions name, each once.
func numbersOf(acts []chat.Action, which []int) (list []numbered) {
	for _, i := range which {
		if m := numberOf(acts[i]); !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// recalled says what a message's own code means. One that does not exist is where it is to be.
func (s *Sender) recalled(code int) actions.Outcome {
	o := s.outcome(code, "", "")
	switch code {
	case codeMessageGone:
		o.Class = actions.OK
	case codeMessageOld:
		o.Text = "the message is too old to be recalled"
	case codeMessageFixed, codeMessageKind:
		o.Text = "this message cannot be recalled"
	case codeRecallOff:
		o.Text = "recalling is switched off"
	}
	return o
}

// recallRefused is the outcome of a call for n messages that was refused as a whole. Where a single
// one of them may be the cause, the others must not be given up for that one's sake.
func recallRefused(o actions.Outcome, n int) actions.Outcome {
	gone := o.Code == strconv.Itoa(codeMessageGone)
	switch o.Code {
	case strconv.Itoa(codeMessageGone), strconv.Itoa(codeMessageOld), strconv.Itoa(codeMessageFixed),
		strconv.Itoa(codeMessageKind), strconv.Itoa(codeBadParameter):
		if n > 1 {
			o.Class = actions.Suspect
		} else if gone {
			o.Class = actions.OK
		}
	}
	return o
}

// strangers settles the actions against staff and against ourselves, and returns the others.
func (j *job) strangers(ctx context.Context, route actions.Route, which []int) []int {
	return j.spare(ctx, route, j.sift(which, func(a chat.Action) (actions.Outcome, bool) {
		if string(a.Member) == j.identifier {
			return self()
		}
		return actions.Outcome{}, false
	}))
}
