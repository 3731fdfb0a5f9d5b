package config

import (
	"reflect"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	got := mustLoad(t, Sources{Env: environ(goodEnv())})
	want := Config{
		Listen: ":8080", AdminListen: "127.0.0.1:9090", Rules: "rules.yaml", DataDir: "data",
		Partitions: 16, SpoolMax: 1 << 30, AuditFor: 720 * time.Hour, EvidenceFor: 168 * time.Hour, LogLevel: "info", ShutdownTimeout: 20 * time.Second,
		Tencent: Tencent{
			SDKAppID: 1400000000, SecretKey: goodKey, Identifier: "administrator", Endpoint: "china",
			WebhookToken: goodToken, WebhookMaxAge: 5 * time.Minute, CallsPerSecond: 200, LiveRoomRemoval: "mute",
		},
		CAMS: CAMS{
			CustSpaceID: "cams-example01", BusinessNumber: "15550100099",
			Endpoint: "https://cams.ap-southeast-1.aliyuncs.com", WebhookSecret: goodSecret,
			CallsPerSecond: 5, RosterInterval: 30 * time.Second, GroupKeys: []string{"GroupId", "groupId", "group_id"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// settingCase gives one value that a setting takes, and where it must arrive.
type settingCase struct {
	text string
	got  func(Config) any
	want any
}

var accepted = map[string]settingCase{
	"BOT_LISTEN":                    {"[::1]:8081", func(c Config) any { return c.Listen }, "[::1]:8081"},
	"BOT_ADMIN_LISTEN":              {"localhost:0", func(c Config) any { return c.AdminListen }, "localhost:0"},
	"BOT_ADMIN_TOKEN":               {"0123456789abcdef", func(c Config) any { return c.AdminToken }, Secret("0123456789abcdef")},
	"BOT_RULES":                     {"/etc/bot/my rules.yaml", func(c Config) any { return c.Rules }, "/etc/bot/my rules.yaml"},
	"BOT_REDIS_URL":                 {"redis+sentinel://:p%40ss@a:26379,b:26379/main/2", func(c Config) any { return c.RedisURL }, Secret("redis+sentinel://:p%40ss@a:26379,b:26379/main/2")},
	"BOT_DATA_DIR":                  {"/var/lib/bot", func(c Config) any { return c.DataDir }, "/var/lib/bot"},
	"BOT_PARTITIONS":                {"4096", func(c Config) any { return c.Partitions }, 4096},
	"BOT_REDIS_WAIT_REPLICAS":       {"2", func(c Config) any { return c.WaitReplicas }, 2},
	"BOT_SPOOL_MAX":                 {"0", func(c Config) any { return c.SpoolMax }, int64(0)},
	"BOT_DRY_RUN":                   {"true", func(c Config) any { return c.DryRun }, true},
	"BOT_AUDIT_FOR":                 {"90d", func(c Config) any { return c.AuditFor }, 90 * 24 * time.Hour},
	"BOT_EVIDENCE_FOR":              {"1m", func(c Config) any { return c.EvidenceFor }, time.Minute},
	"BOT_LOG_LEVEL":                 {"debug", func(c Config) any { return c.LogLevel }, "debug"},
	"BOT_LOG_FORMAT":                {"json", func(c Config) any { return c.LogFormat }, "json"},
	"BOT_HEARTBEAT":                 {"1m", func(c Config) any { return c.Heartbeat }, time.Minute},
	"BOT_SHUTDOWN_TIMEOUT":          {"1m30s", func(c Config) any { return c.ShutdownTimeout }, 90 * time.Second},
	"BOT_RECORD":                    {"/var/lib/bot/events.ndjson", func(c Config) any { return c.Record }, "/var/lib/bot/events.ndjson"},
	"BOT_INSECURE_WEBHOOKS":         {"true", func(c Config) any { return c.InsecureWebhooks }, true},
	"BOT_TENCENT_SDK_APP_ID":        {"4294967295", func(c Config) any { return c.Tencent.SDKAppID }, uint32(4294967295)},
	"BOT_TENCENT_SECRET_KEY":        {"other", func(c Config) any { return c.Tencent.SecretKey }, Secret("other")},
	"BOT_TENCENT_IDENTIFIER":        {"bot", func(c Config) any { return c.Tencent.Identifier }, "bot"},
	"BOT_TENCENT_ENDPOINT":          {"https://adminapisgp.im.qcloud.com/", func(c Config) any { return c.Tencent.Endpoint }, "https://adminapisgp.im.qcloud.com"},
	"BOT_TENCENT_WEBHOOK_TOKEN":     {"t", func(c Config) any { return c.Tencent.WebhookToken }, Secret("t")},
	"BOT_TENCENT_WEBHOOK_MAX_AGE":   {"1d", func(c Config) any { return c.Tencent.WebhookMaxAge }, 24 * time.Hour},
	"BOT_TENCENT_CALLS_PER_SECOND":  {"10000", func(c Config) any { return c.Tencent.CallsPerSecond }, 10_000},
	"BOT_TENCENT_LIVE_ROOM_REMOVAL": {"ban", func(c Config) any { return c.Tencent.LiveRoomRemoval }, "ban"},
	"BOT_CAMS_CUST_SPACE_ID":        {"cams-2", func(c Config) any { return c.CAMS.CustSpaceID }, "cams-2"},
	"BOT_CAMS_BUSINESS_NUMBER":      {"8613800000000", func(c Config) any { return c.CAMS.BusinessNumber }, "8613800000000"},
	"BOT_CAMS_ENDPOINT":             {"https://cams.eu-central-1.aliyuncs.com:8443", func(c Config) any { return c.CAMS.Endpoint }, "https://cams.eu-central-1.aliyuncs.com:8443"},
	"BOT_CAMS_WEBHOOK_SECRET":       {"abcDEF0123456789-._~", func(c Config) any { return c.CAMS.WebhookSecret }, Secret("abcDEF0123456789-._~")},
	"BOT_CAMS_CALLS_PER_SECOND":     {"1", func(c Config) any { return c.CAMS.CallsPerSecond }, 1},
	"BOT_CAMS_ROSTER_INTERVAL":      {"0", func(c Config) any { return c.CAMS.RosterInterval }, time.Duration(0)},
	"BOT_CAMS_GROUPS":               {"EA93 1, EA93UU0002,EA93 1", func(c Config) any { return c.CAMS.Groups }, []string{"EA93 1", "EA93UU0002"}},
	"BOT_CAMS_GROUP_KEYS":           {"chatId", func(c Config) any { return c.CAMS.GroupKeys }, []string{"chatId"}},
}

func TestEverySettingArrivesFromEverySource(t *testing.T) {
	for _, s := range Settings() {
		t.Run(s.Name, func(t *testing.T) {
			row, ok := accepted[s.Name]
			if !ok {
				t.Fatal("the setting has no row in this test")
			}
			base := with(map[string]string{s.Name: ""})
			sources := map[string]Sources{
				"flag":     {Flags: map[string]string{s.Flag: row.text}, Env: environ(base)},
				"variable": {Env: environ(with(map[string]string{s.Name: row.text}))},
				"file":     {Env: environ(base), File: []byte(s.Flag + ": '" + row.text + "'\n"), FileName: "bot.yaml"},
			}
			for name, from := range sources {
				from.ReadFile = noFiles
				c, problems := Load(from)
				if Failed(problems) {
					t.Errorf("%s: %s", name, lines(problems))
				}
				if got := row.got(c); !reflect.DeepEqual(got, row.want) {
					t.Errorf("%s: got %#v, want %#v", name, got, row.want)
				}
			}
		})
	}
}

func TestFlagNames(t *testing.T) {
	for name, want := range map[string]string{
		"BOT_LISTEN": "listen", "BOT_TENCENT_SDK_APP_ID": "tencent-sdk-app-id", "BOT_CAMS_GROUP_KEYS": "cams-group-keys",
	} {
		found := false
		for _, s := range Settings() {
			if s.Name == name {
				found = s.Flag == want
			}
		}
		if !found {
			t.Errorf("%s should have the flag %s", name, want)
		}
	}
}
