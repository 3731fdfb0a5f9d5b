package policy

import (
	"slices"
	"sync"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// The most bytes that a rules file and a list file may have. What reads them for a Source has to
// hand over at least one byte more of a larger file, so that it is refused and not cut off.
const (
	MaxFile     = 4 << 20
	MaxListFile = 16 << 20
)

// Source is a rules file and the way to the list files that it names.
type Source struct {
	Name string // what problems print
	Data []byte
	// ReadFile reads a list file. The name is the one that rules.yaml gives, relative to the
	// folder of the rules file, slash-separated and never above it.
	ReadFile func(name string) ([]byte, error)
	// Stop, unless it is nil, is asked again and again while the file is read. Once it returns an error,
	// nothing is read any more, and the error is the only problem.
	Stop func() error
	// Awake has rules that are off judged as if they were in shadow. Their tests are run so.
	Awake bool
	// Rehearse has rules in shadow judged as if they were enforced, but for their stop: it would hide what
	// the rules behind them do. RuleInfo shows their own mode.
	Rehearse bool
}

// RuleInfo is what lists of rules show.
type RuleInfo struct {
	ID     chat.RuleID `json:"id"`
	Title  string      `json:"title,omitempty"`
	Mode   string      `json:"mode"`
	On     []chat.Kind `json:"on"`
	File   string      `json:"file"`
	Line   int         `json:"line"`
	Column int         `json:"column"`
}

// Decision is what the rules say about one event.
type Decision struct {
	Matches []chat.Match // every rule that fits, enforced or in shadow, in file order
	Case    *chat.Case   // nil: nothing enforced matched
	// Parts are further cases that carry out some of what the case wants: each removal of a burst or
	// from further groups, and taking the message back. They are to be stored with it, the last before
	// it.
	Parts   []chat.Case
	Verdict chat.Verdict // the answer to an asked event, unless a block stands on a rung: see VerdictOf
	trace   []chat.RuleSeen
	Exempt  bool // the member is never acted on, so nothing was judged
}

// Modes of a rule.
const (
	ModeEnforce = "enforce"
	ModeShadow  = "shadow"
	ModeOff     = "off"
)

// Rules are the rules of one file, compiled. They never change and may be used by any number of
// goroutines at once.
type Rules struct {
	hash      string
	files     []string
	infos     []RuleInfo
	tests     []Test
	rules     []*rule
	views     []view
	plainView int // the view that links are looked for in
	exempt    []*list
	unsure    bool // members whose role is not known are acted on
	refuses   bool // see Unjudged
	enforced  map[chat.RuleID]Enforcement
	keepJoin  time.Duration // the longest joined_within
	history   int           // the highest messages_under; 0: there is none
	cels      int           // how many expressions there are
	index     index
	pool      sync.Pool // of *Exam
}

// Hash returns 12 hexadecimal digits that stand for the rules file and its list files.
func (r *Rules) Hash() string { return r.hash }

// Infos returns the rules in file order.
func (r *Rules) Infos() []RuleInfo { return slices.Clone(r.infos) }

// Files returns the names of the list files that were read, as rules.yaml gives them.
func (r *Rules) Files() []string { return slices.Clone(r.files) }
