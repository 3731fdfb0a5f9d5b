package sim

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Bodies of a Fault that are not taken literally.
const (
	BodyHTML = "html" // a page, as a proxy in between would send
	BodyHuge = "huge" // 8 MiB
	BodySlow = "slow" // the true answer, one byte a second
)

// Fault is one line of a fault script. Of the lines that fit a call, the first whose turn it is
// strikes; each line counts the calls that fit it and on which no earlier line struck.
type Fault struct {
	API    string  `json:"api,omitempty"`    // the call it strikes; empty is any
	Nth    int     `json:"nth,omitempty"`    // first strikes on the nth fitting call; 0 is the first
	Every  int     `json:"every,omitempty"`  // then on each so-manieth; 0 is each
	Times  int     `json:"times,omitempty"`  // how often it strikes; 0 is once, negative is always
	Chance float64 `json:"chance,omitempty"` // drawn from the seed when its turn comes; 0 is certain

	Status   int           `json:"status,omitempty"`   // HTTP status of the answer
	Code     any           `json:"code,omitempty"`     // number for Tencent's ErrorCode, text for CAMS' Code
	Delay    time.Duration `json:"delay,omitempty"`    // before the call takes effect, or after with Late
	Cut      bool          `json:"cut,omitempty"`      // the connection is closed without an answer
	Partial  bool          `json:"partial,omitempty"`  // only the first half of the members (rounded down) is dealt with
	Body     string        `json:"body,omitempty"`     // BodyHTML, BodyHuge, BodySlow, or the answer's body
	Redirect string        `json:"redirect,omitempty"` // Location of a 307, or of Status
	Late     bool          `json:"late,omitempty"`     // the call takes effect before the fault strikes
	CAMS     *CAMSFault    `json:"cams,omitempty"`     // what goes wrong at CAMS alone
}

// replaces reports whether the fault puts another answer in place of the true one.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Code != nil || f.Cut || f.Redirect != "" || f.Body != "" && f.Body != BodySlow
}

// check reports what makes a fault useless.
func (f *Fault) check() error {
	switch c := f.Code.(type) {
	case nil, string, int:
	case float64: // as encoding/json reads a number
		f.Code = int(c)
	default:
		return fmt.Errorf("fault for %q: code is neither a number nor text", f.API)
	}
	switch {
	case !f.replaces() && f.Delay == 0 && !f.Partial && f.Body == "" && f.CAMS.empty():
		return fmt.Errorf("fault for %q: it does nothing", f.API)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("fault for %q: no HTTP status %d", f.API, f.Status)
	case f.Chance < 0 || f.Chance > 1, f.Nth < 0, f.Every < 0, f.Delay < 0, !f.CAMS.empty() && (f.CAMS.Linger < 0 || f.CAMS.TimeLeft < 0):
		return fmt.Errorf("fault for %q: a number is out of range", f.API)
	}
	return nil
}

// maxFaults bounds a script.
const maxFaults = 1_000

// script hands out faults.
type script struct {
	mu    sync.Mutex // guards the fields below
	lines []line
	rng   *rand.Rand
}

type line struct {
	Fault
	seen, struck int
}

func (s *script) add(faults []Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines)+len(faults) > maxFaults {
		return fmt.Errorf("a script has %d faults at most", maxFaults)
	}
	for _, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
		s.lines = append(s.lines, line{Fault: f})
	}
	return nil
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = nil
}

// next returns the fault that strikes a call of the API, or nil.
func (s *script) next(api string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.lines {
		l := &s.lines[i]
		spent := l.Times >= 0 && l.struck >= max(l.Times, 1)
		if spent || l.API != "" && l.API != api {
			continue
		}
		l.seen++
		since := l.seen - max(l.Nth, 1)
		if since < 0 || since%max(l.Every, 1) != 0 {
			continue
		}
		if l.Chance > 0 && s.rng.Float64() >= l.Chance {
			continue
		}
		l.struck++
		f := l.Fault
		return &f
	}
	return nil
}

// Inject appends faults to the script.
func (s *Server) Inject(faults ...Fault) error { return s.script.add(faults) }

// ClearFaults empties the script.
func (s *Server) ClearFaults() { s.script.clear() }
