package config

import "time"

func processSettings() []Setting {
	return []Setting{
		{Name: "BOT_LISTEN", Default: ":8080", Help: "address of the webhook port",
			set: one(func(c *Config) *string { return &c.Listen }, parseAddress)},
		{Name: "BOT_ADMIN_LISTEN", Default: "127.0.0.1:9090", Help: "address of the port for metrics, health and administration",
			set: one(func(c *Config) *string { return &c.AdminListen }, parseAddress)},
		{Name: "BOT_ADMIN_TOKEN", Secret: true, Help: "bearer token of the admin port; without it the port serves only metrics and health",
			set: one(func(c *Config) *Secret { return &c.AdminToken }, parseToken)},
		{Name: "BOT_RULES", Default: "rules.yaml", Help: "file with the rules; read again whenever it changes",
			set: one(func(c *Config) *string { return &c.Rules }, parsePath)},
		{Name: "BOT_REDIS_URL", Secret: true, Help: "redis://host:6379/0, redis+sentinel://host,host/master/db or redis+cluster://host,host, with rediss for TLS; empty: the embedded store",
			set: one(func(c *Config) *Secret { return &c.RedisURL }, parseRedisURL)},
		{Name: "BOT_DATA_DIR", Default: "data", Help: "folder of the embedded store and of the spool",
			set: one(func(c *Config) *string { return &c.DataDir }, parsePath)},
		{Name: "BOT_PARTITIONS", Default: "16", Help: "parts that groups are spread over, 1 to 4096; recorded in the store, so it cannot change later",
			set: one(func(c *Config) *int { return &c.Partitions }, between(1, 4096))},
		{Name: "BOT_REDIS_WAIT_REPLICAS", Default: "0", Help: "Redis replicas that must hold a commit before the webhook is answered, and what an operator does before it counts",
			set: one(func(c *Config) *int { return &c.WaitReplicas }, between(0, 64))},
		{Name: "BOT_SPOOL_MAX", Default: "1GiB", Help: "most that the spool on disk in BOT_DATA_DIR may hold while Redis is away, such as 512MiB; 0 is off: then webhooks are answered with 503 while Redis is away",
			set: one(func(c *Config) *int64 { return &c.SpoolMax }, parseSize)},
		{Name: "BOT_DRY_RUN", Default: "false", Bool: true, Help: "judge and record, but never call a provider to act",
			set: one(func(c *Config) *bool { return &c.DryRun }, parseBool)},
		{Name: "BOT_RECORD", Help: "file to append every handled event to, message text included, as bot replay reads it; empty: nothing is recorded",
			set: one(func(c *Config) *string { return &c.Record }, parsePath)},
		{Name: "BOT_AUDIT_FOR", Default: "30d", Help: "how long a case is kept for bot cases, 1h to 3650d; at most the newest 100,000 are",
			set: one(func(c *Config) *time.Duration { return &c.AuditFor }, lasting(time.Hour, 3650*24*time.Hour))},
		{Name: "BOT_EVIDENCE_FOR", Default: "7d", Help: "how long a case keeps its message text, 1m to 3650d; after that it keeps a fingerprint",
			set: one(func(c *Config) *time.Duration { return &c.EvidenceFor }, lasting(time.Minute, 3650*24*time.Hour))},
		{Name: "BOT_LOG_LEVEL", Default: "info", Help: "debug, info, warn or error",
			set: one(func(c *Config) *string { return &c.LogLevel }, oneOf("debug", "info", "warn", "error"))},
		{Name: "BOT_LOG_FORMAT", Help: "text or json; empty: text on a terminal, else json",
			set: one(func(c *Config) *string { return &c.LogFormat }, oneOf("text", "json"))},
		{Name: "BOT_SHUTDOWN_TIMEOUT", Default: "20s", Help: "how long a stop may take, 1s to 1h",
			set: one(func(c *Config) *time.Duration { return &c.ShutdownTimeout }, lasting(time.Second, time.Hour))},
		{Name: "BOT_HEARTBEAT", Default: "0", Help: "how often a synthetic event goes the whole way from the webhook to a call that is not made, 10s to 1h; 0 is off",
			set: one(func(c *Config) *time.Duration { return &c.Heartbeat }, offOr(lasting(10*time.Second, time.Hour)))},
		{Name: "BOT_INSECURE_WEBHOOKS", Default: "false", Bool: true, Help: "accept webhooks of a provider that has no token or secret set; only for tests",
			set: one(func(c *Config) *bool { return &c.InsecureWebhooks }, parseBool)},
	}
}

func tencentSettings() []Setting {
	return []Setting{
		{Name: "BOT_TENCENT_SDK_APP_ID", Help: "SDKAppID of the application; turns Tencent on",
			set: one(func(c *Config) *uint32 { return &c.Tencent.SDKAppID }, parseAppID)},
		{Name: "BOT_TENCENT_SECRET_KEY", Secret: true, Help: "key that signs the UserSig of REST calls",
			set: one(func(c *Config) *Secret { return &c.Tencent.SecretKey }, parseToken)},
		{Name: "BOT_TENCENT_IDENTIFIER", Default: "administrator", Help: "app admin account that makes the REST calls, at most 32 bytes",
			set: one(func(c *Config) *string { return &c.Tencent.Identifier }, parseUserID)},
		{Name: "BOT_TENCENT_ENDPOINT", Default: "china", Help: "region of the application (china, singapore, seoul, tokyo, frankfurt, silicon-valley, jakarta) or a URL",
			set: one(func(c *Config) *string { return &c.Tencent.Endpoint }, parseRegionOrURL)},
		{Name: "BOT_TENCENT_WEBHOOK_TOKEN", Secret: true, Help: "authentication token of the webhook as set in the console, at most 128 characters; required unless BOT_INSECURE_WEBHOOKS is true",
			set: one(func(c *Config) *Secret { return &c.Tencent.WebhookToken }, parseWebhookToken)},
		{Name: "BOT_TENCENT_WEBHOOK_MAX_AGE", Default: "5m", Help: "how far a webhook's RequestTime may be from our clock, 1s to 24h",
			set: one(func(c *Config) *time.Duration { return &c.Tencent.WebhookMaxAge }, lasting(time.Second, 24*time.Hour))},
		{Name: "BOT_TENCENT_CALLS_PER_SECOND", Default: "200", Help: "most calls in any one second, per API, over all replicas, 1 to 10000",
			set: one(func(c *Config) *int { return &c.Tencent.CallsPerSecond }, between(1, 10_000))},
		{Name: "BOT_TENCENT_LIVE_ROOM_REMOVAL", Default: "mute", Help: "what a removal becomes in an AVChatRoom, which knows no kick: mute (forbid_send_msg) or ban (ban_group_member)",
			set: one(func(c *Config) *string { return &c.Tencent.LiveRoomRemoval }, oneOf("mute", "ban"))},
	}
}

func camsSettings() []Setting {
	return []Setting{
		{Name: "BOT_CAMS_CUST_SPACE_ID", Help: "CustSpaceId of the channel; with the business number it turns CAMS on",
			set: one(func(c *Config) *string { return &c.CAMS.CustSpaceID }, parseWord)},
		{Name: "BOT_CAMS_BUSINESS_NUMBER", Help: "WhatsApp number that owns the groups, in digits with country code",
			set: one(func(c *Config) *string { return &c.CAMS.BusinessNumber }, parsePhone)},
		{Name: "BOT_CAMS_ENDPOINT", Default: "https://cams.ap-southeast-1.aliyuncs.com", Help: "URL of the API",
			set: one(func(c *Config) *string { return &c.CAMS.Endpoint }, parseURL)},
		{Name: "BOT_CAMS_WEBHOOK_SECRET", Secret: true, Help: "last segment of the webhook URL's path, 16 characters or more; required unless BOT_INSECURE_WEBHOOKS is true",
			set: one(func(c *Config) *Secret { return &c.CAMS.WebhookSecret }, parsePathSecret)},
		{Name: "BOT_CAMS_CALLS_PER_SECOND", Default: "5", Help: "most calls in any one second, per API, over all replicas, 1 to 10000",
			set: one(func(c *Config) *int { return &c.CAMS.CallsPerSecond }, between(1, 10_000))},
		{Name: "BOT_CAMS_ROSTER_INTERVAL", Default: "30s", Help: "how often the member list of each known group is read to find joins, 1s to 24h; 0 is off",
			set: one(func(c *Config) *time.Duration { return &c.CAMS.RosterInterval }, offOr(lasting(time.Second, 24*time.Hour)))},
		{Name: "BOT_CAMS_GROUPS", Help: "group IDs to watch from the start, separated by commas; others are learned from messages and ListChatGroup",
			set: many(func(c *Config) *[]string { return &c.CAMS.Groups })},
		{Name: "BOT_CAMS_GROUP_KEYS", Default: "GroupId,groupId,group_id", Help: "keys that may name the group in an inbound message, in order of preference; CAMS does not document any",
			set: many(func(c *Config) *[]string { return &c.CAMS.GroupKeys })},
	}
}
