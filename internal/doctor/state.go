package doctor

import (
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// State is how a running bot does.
type State struct {
	Broken   []chat.Provider // whose calls fail for now
	Paused   int             // pauses that hold
	Queued   int             // actions that have not ended
	Oldest   time.Duration   // age of the oldest of them
	Dead     int             // dead letters
	Held     int             // held actions
	DryRun   bool
	Err      error    // why the store could not be asked; then only Broken and DryRun are known
	Degraded []string // what it cannot do for now, beside the above
}

// late is the age of the oldest action from which somebody should look.
const late = 5 * time.Minute

// Actions looks at how a running bot does.
func Actions(s State) []Check {
	var out []Check
	if s.DryRun {
		out = append(out, warning(AboutActions, "take BOT_DRY_RUN away when you have seen enough", "this is a dry run: nobody is removed"))
	}
	for _, p := range s.Broken {
		out = append(out, failure(AboutActions, "see the line about "+string(p)+" above, and the log", "calls to %s fail: its actions wait", p))
	}
	for _, text := range s.Degraded {
		out = append(out, warning(AboutActions, "", "%s", text))
	}
	if s.Err != nil {
		return append(out, failure(AboutActions, "see the line about the store", "the queue cannot be read: %v", s.Err))
	}
	if s.Oldest > late {
		out = append(out, warning(AboutActions, "see what the provider says: bot cases --outcome pending", "%s wait, the oldest for %s", count(s.Queued, "action"), s.Oldest.Round(time.Second)))
	}
	if s.Dead > 0 {
		out = append(out, warning(AboutActions, "bot dead list, then bot dead requeue or bot dead drop", "%s wait for an operator", count(s.Dead, "dead letter")))
	}
	if s.Paused > 0 {
		out = append(out, warning(AboutActions, "bot pause --list, then bot resume", "%s hold back what rules want", count(s.Paused, "pause")))
	}
	if s.Held > 0 {
		out = append(out, warning(AboutActions, "bot held list, then bot held release or bot held drop", "%s wait for an operator", count(s.Held, "held action")))
	}
	if len(out) == 0 {
		out = append(out, ok(AboutActions, "%s in the queue, none dead, held or paused", count(s.Queued, "action")))
	}
	return out
}

// Reread says whether the last reading of the rules was taken by a running bot.
func Reread(file string, problems int) []Check {
	if problems == 0 {
		return nil
	}
	return []Check{failure(AboutRules, "bot check "+file, "%s was read again and refused (%s): the former rules are in force", file, count(problems, "error"))}
}
