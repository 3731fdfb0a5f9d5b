package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
	"go.yaml.in/yaml/v3"
)

// media looks at what a message carries beside text.
type media struct {
	plain
	kinds []string // nil: any
	names names    // nil: any
}

func mediaKinds() []string {
	return []string{chat.Image, chat.Video, chat.Audio, chat.File, chat.Sticker, chat.Location, chat.Contact, chat.Custom, chat.Forward}
}

// mediaKeys are the keys of media.
func (l *loader) mediaKeys(c *media) []field {
	return []field{
		{name: "kind_in", is: some(word(mediaKinds()...)), doc: "The message carries one of these.",
			read: func(key, v *yaml.Node) {
				c.kinds = l.kinds(v, mediaKinds())
				l.confineMedia(key, c.kinds)
			}},
		{name: "name_matches", is: some(texts()), doc: "The name of a file fits one of these regular expressions (RE2), in any case.",
			read: func(_, v *yaml.Node) { c.names = l.names(v, "name_matches") }},
	}
}

func (l *loader) readMedia(n *yaml.Node) condition {
	c := &media{}
	l.needsMessage(n)
	l.mapping(n, "media", l.mediaKeys(c))
	if c.kinds == nil && c.names == nil {
		l.errorf(n, "kind_in or name_matches", "media says nothing")
	}
	return c
}

// kinds reads one of several words or a list of them, each once.
func (l *loader) kinds(n *yaml.Node, words []string) []string {
	out := []string{}
	for _, item := range l.items(n, "kind_in") {
		s := l.choice(item, "kind_in", words...)
		if slices.Contains(out, s) {
			l.errorf(item, "", "kind_in names %s twice", s)
		}
		out = append(out, s)
	}
	return out
}

func (c *media) holds(x *Exam) truth {
	if x.e.Kind != chat.Message {
		return no
	}
	return min(c.carries(x.e), c.isNamed(x))
}

func (c *media) carries(e *chat.Event) truth {
	return truthOf(c.kinds == nil || c.fitting(e) > 0)
}

// isNamed tells whether one of the files has such a name.
func (c *media) isNamed(x *Exam) truth {
	if c.names == nil {
		return yes
	}
	for _, name := range x.e.Files {
		x.file.Fold(name, nameFold)
		if c.names.match(&x.file) {
			return yes
		}
	}
	return no
}

// fitting counts the elements of the kinds that the condition is about.
func (c *media) fitting(e *chat.Event) int {
	if c.kinds == nil {
		return len(e.Media)
	}
	n := 0
	for _, kind := range e.Media {
		if slices.Contains(c.kinds, kind) {
			n++
		}
	}
	return n
}

// explain counts: the name of a file can be as private as the message.
func (c *media) explain(x *Exam) []chat.Seen {
	var out []chat.Seen
	message := x.e.Kind == chat.Message
	if c.kinds != nil {
		value := fmt.Sprintf("%d of %d", c.fitting(x.e), len(x.e.Media))
		out = append(out, saw("media.kind_in", strings.Join(c.kinds, ", "), value, min(truthOf(message), c.carries(x.e))))
	}
	if c.names != nil {
		out = append(out, saw("media.name_matches", "", fmt.Sprintf("%d files", len(x.e.Files)), min(truthOf(message), c.isNamed(x))))
	}
	return out
}
