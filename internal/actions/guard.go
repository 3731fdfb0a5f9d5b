package actions

import (
	"context"

	"github.com/groupguard/groupguard/internal/chat"
)

// Guard may keep accepted actions from being carried out: because a rule is paused or past its
// brake, because its case was undone, or because the member must not be acted on. It is asked from
// several goroutines at once, and not at all in a dry run.
type Guard interface {
	// Admit rules on actions that were just claimed, one Ruling for each, in order. It may ask the
	// store; an error means that nothing is known, and none of them may go. It may be asked about
	// one action several times.
	Admit(ctx context.Context, claimed []chat.Action) ([]Ruling, error)
	// Still rules once more, right before the call that would carry the action out. It is cheap and
	// asks nobody: every call of the dispatcher waits for it.
	Still(a *chat.Action) Ruling
}

// Ruling is what a Guard says of one action. The zero Ruling lets it go.
type Ruling struct {
	State State  // empty: it may go; else Held, Void or Spared
	Code  string // why, in a word: paused, brake, not_enforced, undone, exempt
	Text  string // why, as a sentence; without message text
}

// Stops tells whether the action must not be carried out now.
func (r Ruling) Stops() bool { return r.State != "" }
