package sim

import "fmt"

// CAMSFault is what goes wrong at CAMS alone. All but TimeLeft strikes a call that is answered with OK.
type CAMSFault struct {
	Success  *bool `json:"success,omitempty"`   // in place of the true one
	Result   *int  `json:"result,omitempty"`    // in place of the true one
	Nothing  bool  `json:"nothing,omitempty"`   // the call changes nothing
	Linger   int   `json:"linger,omitempty"`    // whom the call removes is listed in so many readings more
	NewLink  bool  `json:"new_link,omitempty"`  // a revoked invite link is followed by a new one, as at Meta
	TimeLeft int   `json:"time_left,omitempty"` // milliseconds in the header beside a Throttling code
}

// empty reports whether nothing goes wrong.
func (f *CAMSFault) empty() bool { return f == nil || *f == CAMSFault{} }

// fault returns what goes wrong with the call at CAMS.
func (c *operationCall) fault() CAMSFault {
	if c.call.struck == nil || c.call.struck.CAMS == nil {
		return CAMSFault{}
	}
	return *c.call.struck.CAMS
}

// bend puts the fault's values in place of the answer's.
func (f CAMSFault) bend(answer row) {
	if f.Success != nil {
		answer["Success"] = *f.Success
	}
	if f.Result != nil {
		answer["Result"] = *f.Result
	}
}

// limits returns the header that goes with a refusal for the rate.
func limits(rate int, milliseconds int64) map[string]string {
	return map[string]string{"x-ratelimit-user-api": fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d", rate, milliseconds)}
}

// Admit puts somebody into a WhatsApp group past its invite link, and past what keeps out one who was
// removed, as WhatsApp itself might. No push tells of it.
func (w *World) Admit(group, member string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := w.find(group)
	switch {
	case err != nil:
		return fmt.Errorf("admitting to group %q: %w", group, err)
	case g.Provider != CAMS || member == "":
		return fmt.Errorf("admitting %q to group %q: that is for numbers and WhatsApp groups", member, group)
	}
	if err := g.full(1); err != nil {
		return fmt.Errorf("admitting to group %q: %w", group, err)
	}
	delete(g.gone, member)
	delete(g.leaving, member)
	g.put(member, w.server.now())
	return nil
}
