package policy

import (
	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// block refuses the message or the join that the provider asks about.
type block struct {
	code int
	text template
	told *yaml.Node // the key text
}

// blockKeys are the keys of block.
func (l *loader) blockKeys(b *block) []field {
	return []field{
		// Tencent hands 10100 to 10200 to the sender's client, with the text
		// (https://www.tencentcloud.com/document/product/1047/34374).
		{name: "code", is: numbers(10100, 10200), doc: "The code that the sender's client gets.",
			read: func(_, v *yaml.Node) { b.code = l.integer(v, "code", 10100, 10200) }},
		{name: "text", is: texts(), doc: "The text that the sender's client gets; it needs a code.",
			read: func(key, v *yaml.Node) { b.text, b.told = l.template(v, "text"), key }},
	}
}

func (l *loader) readBlock(n *yaml.Node) intent {
	b := &block{}
	l.mapping(n, "block", l.blockKeys(b))
	if b.told != nil && b.code == 0 {
		l.errorf(b.told, "add a code of 10100 to 10200", "a sender sees the text of block only with a code")
	}
	return b
}

func (b *block) make(_ *chat.Event, f *filling) chat.Intent {
	return chat.Intent{Kind: chat.Block, Code: b.code, Reason: b.text.fill(f), Quotes: b.text.quotes()}
}

func (b *block) effect(at venue) (string, bool) {
	if at.provider == chat.CAMS {
		return "not possible", false
	}
	return "the answer to a Before callback", true
}
