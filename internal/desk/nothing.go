package desk

import (
	"slices"
	"strings"

	"github.com/groupguard/groupguard/internal/chat"
)

// idle are codes of done answers that say that the provider was left as it was. Those of what takes
// something back are not among them, since an undoing is not undone. A lockdown that is "extended" has
// moved its end, and after "joins_open" the members are muted all the same.
var idle = []string{
	"not_member",   // left before
	"expired",      // a mute or a lockdown that would have ended by then
	"group_gone",   // dissolved before
	"shut_already", // the group's own settings are those of a lockdown
	"10030",        // Tencent, 34965: there is no such message
	"131041",       // Meta, under CAMS: there is no such group
	"131212",       // Meta, under CAMS: not a member; of a call that removed some of several it says 131201
}

// NeverCalled tells whether a dead letter's code says that no call could be made for the action: it has
// no way at the provider, or the member shows no number.
func NeverCalled(code string) bool { return code == "impossible" || code == "no_number" }

// idles tells whether a done answer says that nothing was changed. CAMS puts Meta's code at the end of
// its own, or in front of the text.
func idles(a *chat.Answer) bool {
	code := a.Code[strings.LastIndexByte(a.Code, '.')+1:]
	head, _, _ := strings.Cut(a.Text, ":")
	return slices.Contains(idle, code) || len(head) == lenMeta && slices.Contains(idle, head)
}

const lenMeta = 6 // digits of Meta's codes
