package sim

import (
	"slices"
	"time"
)

// Provider names a simulated platform.
type Provider string

// The simulated platforms.
const (
	Tencent Provider = "tencent"
	CAMS    Provider = "cams"
)

// Options say how a Server behaves. Zero fields take defaults, which Server.Options shows.
type Options struct {
	Tencent     TencentOptions
	CAMS        CAMSOptions
	Seed        uint64           // of everything drawn by lot: message numbers, faults with a chance
	HistorySize int              // calls kept, default 100,000
	Now         func() time.Time // default time.Now
}

// TencentOptions are the settings of the simulated Tencent application.
type TencentOptions struct {
	SDKAppID     uint64
	SecretKey    string
	OtherKeys    []string // keys of other applications: a UserSig made with one is answered 70009
	Admins       []string // app admins, default administrator
	WebhookToken string   // signs webhooks
	Rate         int      // calls per second and command, default 200; negative is unlimited
	NoBans       bool     // ban_group_member is not in the edition: 10007
	IgnoreFixed  bool     // a setting that the group's type does not let change is ignored, and not refused
	AskConsent   bool     // add_group_member adds nobody at once: the accounts are asked first

	HookURL          string          // where webhooks go; empty sends none
	HooksOff         []string        // commands that are switched off in the console
	HookTimeout      time.Duration   // default 2 s
	HookRetries      []time.Duration // pauses before after-events are repeated on timeout; default none
	BlockOnFailure   bool            // a before-event that fails blocks (80003) and does not pass
	EventTimeAsText  bool            // EventTime is a string, as in the English samples
	EventTimeMissing bool            // EventTime is left out, as in the oldest shapes
}

// CAMSOptions are the settings of the simulated CAMS account.
type CAMSOptions struct {
	CustSpaceID     string
	BusinessNumber  string
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string // when set, the x-acs-security-token that calls must carry
	Rate            int    // calls per second and API, default 10; negative is unlimited
	DocSample       bool   // removals answer Code OK, Success false, Result 20, as the page's sample does
	Linger          int    // a removed member is still listed in so many readings of the member list
	ListBusiness    bool   // the business number stands in the member list

	HookURL       string          // where inbound messages go; empty sends none
	WebhookSecret string          // last path segment that PointAt builds
	HookTimeout   time.Duration   // default 3 s
	HookRetries   []time.Duration // pauses before repetitions, default 1 and 5 minutes
	GroupKey      string          // key that names the group in an inbound message, default GroupId
	Quirks        Quirks
}

// Quirks are oddities of CAMS pushes that are documented or were reported.
type Quirks struct {
	DoubleEncoded   bool // the array stands inside a JSON string
	SingleObject    bool // one object without the array
	ObjectMessage   bool // Message is an object
	SpacedTimestamp bool // the key is "Timestamp " with a trailing space
	Plus            bool // numbers carry a plus sign
}

// Bounds of the simulated world. They keep a runaway test from eating the machine.
const (
	maxGroups       = 10_000
	maxMembers      = 1_000_000 // of a Community, https://trtc.io/document/33529 (2025)
	maxParticipants = 8         // of a WhatsApp group, without the business
	maxKept         = 1_000     // messages kept per group
	maxExpelled     = 10_000    // numbers per group that were removed and cannot come back
	maxBody         = 1 << 20   // bytes of a request
	maxAccounts     = 500       // accounts kept per recorded call
	maxText         = 512       // bytes of a message kept per recorded call
)

// withDefaults returns o with its zero fields filled.
func (o Options) withDefaults() Options {
	t, c := &o.Tencent, &o.CAMS
	if t.SDKAppID == 0 {
		t.SDKAppID = 1400000000
	}
	fill(&t.SecretKey, "simulated-tencent-secret-key")
	fill(&t.WebhookToken, "simulated-webhook-token")
	if len(t.Admins) == 0 {
		t.Admins = []string{"administrator"}
	}
	fill(&t.Rate, 200)
	fill(&t.HookTimeout, 2*time.Second)
	fill(&c.CustSpaceID, "cams-simulated01")
	fill(&c.BusinessNumber, "15550100099")
	fill(&c.AccessKeyID, "SimulatedAccessKeyId")
	fill(&c.AccessKeySecret, "SimulatedAccessKeySecret")
	fill(&c.WebhookSecret, "simulated-webhook-secret")
	fill(&c.GroupKey, "GroupId")
	fill(&c.Rate, 10)
	fill(&c.HookTimeout, 3*time.Second)
	if c.HookRetries == nil {
		c.HookRetries = []time.Duration{time.Minute, 5 * time.Minute}
	}
	fill(&o.HistorySize, 100_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	t.Admins, t.HooksOff = slices.Clone(t.Admins), slices.Clone(t.HooksOff)
	return o
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
