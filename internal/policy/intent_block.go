package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// block refuses the message or the join that the provider asks about.
type block struct {
	code int
	text template
}

func (l *loader) readBlock(n *yaml.Node) intent {
	b := &block{}
	var told *yaml.Node
	l.mapping(n, "block", []field{
		// Tencent hands 10100 to 10200 to the sender's client, with the text
		// (https://www.tencentcloud.com/document/product/1047/34374).
		{name: "code", read: func(_, v *yaml.Node) { b.code = l.integer(v, "code", 10100, 10200) }},
		{name: "text", read: func(key, v *yaml.Node) { b.text, told = l.template(v, "text"), key }},
	})
	if told != nil && b.code == 0 {
		l.errorf(told, "add a code of 10100 to 10200", "a sender sees the text of block only with a code")
	}
	return b
}

func (b *block) make(_ *chat.Event, f *filling) chat.Intent {
	return chat.Intent{Kind: chat.Block, Code: b.code, Reason: b.text.fill(f)}
}

func (b *block) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		return "not possible", false
	}
	return "the answer to a Before callback", true
}
