package config

import "time"

// Config holds the settings of `bot run`, checked. It is safe to print: secrets stay hidden.
type Config struct {
	Listen           string
	AdminListen      string
	AdminToken       Secret // empty: the admin port serves only metrics and health
	Rules            string
	RedisURL         Secret // secret because it may hold a password; empty: the embedded store
	DataDir          string
	Partitions       int
	WaitReplicas     int
	SpoolMax         int64 // bytes; 0: no spool
	DryRun           bool
	Record           string // empty: nothing is recorded
	AuditFor         time.Duration
	EvidenceFor      time.Duration // a case loses its text then; at the latest with the case itself
	LogLevel         string
	LogFormat        string // empty: text on a terminal, else json
	ShutdownTimeout  time.Duration
	Heartbeat        time.Duration // between synthetic events that prove the way is open; 0: none
	InsecureWebhooks bool
	Tencent          Tencent
	CAMS             CAMS
}

// Tencent holds the settings of Tencent Cloud Chat.
type Tencent struct {
	SDKAppID        uint32 // 0: off
	SecretKey       Secret
	Identifier      string
	Endpoint        string // a region name or a URL
	WebhookToken    Secret
	WebhookMaxAge   time.Duration
	CallsPerSecond  int
	LiveRoomRemoval string // mute or ban
}

// On tells whether Tencent is in use.
func (t Tencent) On() bool { return t.SDKAppID != 0 }

// CAMS holds the settings of Alibaba Cloud Chat App Message Service.
type CAMS struct {
	CustSpaceID    string
	BusinessNumber string // digits, without a plus sign
	Endpoint       string
	WebhookSecret  Secret
	CallsPerSecond int
	RosterInterval time.Duration // 0: the member lists are not read
	Groups         []string
	GroupKeys      []string
}

// On tells whether CAMS is in use.
func (c CAMS) On() bool { return c.CustSpaceID != "" && c.BusinessNumber != "" }
