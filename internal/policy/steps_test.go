package policy

import "github.com/groupguard/groupguard/internal/chat"

// Needs returns the first question about an event.
func (r *Rules) Needs(e *chat.Event) chat.Look {
	x := r.Examine(e)
	defer x.Release()
	look := x.Look()
	look.Windows = append([]chat.Window(nil), look.Windows...)
	return look
}

// Evaluate judges an event whose questions, one after the other, have these answers.
func (r *Rules) Evaluate(e *chat.Event, f chat.Facts) Decision {
	x := r.Examine(e)
	defer x.Release()
	for look := x.Look(); !look.Empty(); look = x.Look() {
		part := chat.Facts{JoinedAt: f.JoinedAt}
		n := min(len(look.Windows), len(f.Counts))
		part.Counts, f.Counts = f.Counts[:n], f.Counts[n:]
		n = min(len(look.Windows), len(f.Trails))
		part.Trails, f.Trails = f.Trails[:n], f.Trails[n:]
		x.Learn(part)
	}
	return x.Judge()
}
