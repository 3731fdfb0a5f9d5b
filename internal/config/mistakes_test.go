package config

import (
	"slices"
	"strings"
	"testing"
)

func TestMistakes(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want []string // a part of each problem
	}{
		{"port alone", map[string]string{"BOT_LISTEN": "8080"}, []string{`error: BOT_LISTEN: "8080" has no host part (did you mean ":8080"?)`}},
		{"not an address", map[string]string{"BOT_ADMIN_LISTEN": "localhost"}, []string{`BOT_ADMIN_LISTEN: "localhost" is not host:port`}},
		{"port too high", map[string]string{"BOT_LISTEN": ":65536"}, []string{`BOT_LISTEN: ":65536" has no port from 0 to 65535`}},
		{"named port", map[string]string{"BOT_LISTEN": ":http"}, []string{`BOT_LISTEN: ":http" has no port from 0 to 65535`}},
		{"both ports equal", map[string]string{"BOT_LISTEN": "127.0.0.1:9090"}, []string{"error: BOT_ADMIN_LISTEN: is the same address as BOT_LISTEN"}},
		{"weak admin token", map[string]string{"BOT_ADMIN_TOKEN": "short"}, []string{"warning: BOT_ADMIN_TOKEN: has fewer than 16 characters"}},
		{"line feed in a token", map[string]string{"BOT_ADMIN_TOKEN": "one\ntwo"}, []string{"error: BOT_ADMIN_TOKEN: holds a space or control character"}},
		{"zero byte in a path", map[string]string{"BOT_RULES": "a\x00b"}, []string{"error: BOT_RULES: holds a zero byte"}},
		{"zero byte in a folder", map[string]string{"BOT_DATA_DIR": "a\x00b"}, []string{"error: BOT_DATA_DIR: holds a zero byte"}},
		{"zero byte in a file to record to", map[string]string{"BOT_RECORD": "a\x00b"}, []string{"error: BOT_RECORD: holds a zero byte"}},
		{"no partitions", map[string]string{"BOT_PARTITIONS": "0"}, []string{"error: BOT_PARTITIONS: 0 is out of range (1 to 4096)"}},
		{"too many partitions", map[string]string{"BOT_PARTITIONS": "4097"}, []string{"error: BOT_PARTITIONS: 4097 is out of range"}},
		{"partitions in words", map[string]string{"BOT_PARTITIONS": "many"}, []string{`error: BOT_PARTITIONS: "many" is not a whole number`}},
		{"negative replicas", map[string]string{"BOT_REDIS_WAIT_REPLICAS": "-1"}, []string{"error: BOT_REDIS_WAIT_REPLICAS: -1 is out of range"}},
		{"replicas without Redis", map[string]string{"BOT_REDIS_WAIT_REPLICAS": "1"}, []string{"warning: BOT_REDIS_WAIT_REPLICAS: has no effect without BOT_REDIS_URL"}},
		{"size in words", map[string]string{"BOT_SPOOL_MAX": "1 gigabyte"}, []string{`error: BOT_SPOOL_MAX: "1 gigabyte" is not a size`}},
		{"size over the top", map[string]string{"BOT_SPOOL_MAX": "999999999TiB"}, []string{"error: BOT_SPOOL_MAX"}},
		{"a spool without Redis", map[string]string{"BOT_SPOOL_MAX": "1GiB"}, []string{"warning: BOT_SPOOL_MAX: has no effect without BOT_REDIS_URL"}},
		{"not a boolean", map[string]string{"BOT_DRY_RUN": "yes"}, []string{`error: BOT_DRY_RUN: "yes" is neither true nor false`}},
		{"audit shorter than anybody looks", map[string]string{"BOT_AUDIT_FOR": "1m"}, []string{`error: BOT_AUDIT_FOR: "1m" is out of range (1h0m0s to 87600h0m0s)`}},
		{"evidence for ever", map[string]string{"BOT_EVIDENCE_FOR": "0"}, []string{`error: BOT_EVIDENCE_FOR: "0" is out of range (1m0s to 87600h0m0s)`}},
		{"level in capitals", map[string]string{"BOT_LOG_LEVEL": "INFO"}, []string{`error: BOT_LOG_LEVEL: "INFO" is not possible here (did you mean "info"?)`}},
		{"unknown format", map[string]string{"BOT_LOG_FORMAT": "xml"}, []string{`error: BOT_LOG_FORMAT: "xml" is not possible here (one of text, json)`}},
		{"duration without unit", map[string]string{"BOT_SHUTDOWN_TIMEOUT": "20"}, []string{`error: BOT_SHUTDOWN_TIMEOUT: "20" has no unit (did you mean "20s"?)`}},
		{"heart that races", map[string]string{"BOT_HEARTBEAT": "1s"}, []string{`error: BOT_HEARTBEAT: "1s" is out of range (10s to 1h0m0s)`}},
		{"duration too short", map[string]string{"BOT_SHUTDOWN_TIMEOUT": "0s"}, []string{`error: BOT_SHUTDOWN_TIMEOUT: "0s" is out of range`}},
		{"insecure", map[string]string{"BOT_INSECURE_WEBHOOKS": "true"}, []string{"warning: BOT_INSECURE_WEBHOOKS: lets anybody"}},
		{"insecure misspelt", map[string]string{"BOT_INSECURE_WEBHOOKS": "ture"}, []string{"error: BOT_INSECURE_WEBHOOKS"}},
		{"app ID in words", map[string]string{"BOT_TENCENT_SDK_APP_ID": "app"}, []string{`error: BOT_TENCENT_SDK_APP_ID: "app" is not an SDKAppID`}},
		{"app ID of 33 bits", map[string]string{"BOT_TENCENT_SDK_APP_ID": "4294967296"}, []string{"error: BOT_TENCENT_SDK_APP_ID"}},
		{"no key", map[string]string{"BOT_TENCENT_SECRET_KEY": ""}, []string{"error: BOT_TENCENT_SECRET_KEY: is required"}},
		{"broken key", map[string]string{"BOT_TENCENT_SECRET_KEY": "a b"}, []string{"error: BOT_TENCENT_SECRET_KEY: holds a space"}},
		{"long user ID", map[string]string{"BOT_TENCENT_IDENTIFIER": strings.Repeat("x", 33)}, []string{"has more than 32 bytes"}},
		{"user ID with a space", map[string]string{"BOT_TENCENT_IDENTIFIER": "a b"}, []string{"error: BOT_TENCENT_IDENTIFIER"}},
		{"misspelt region", map[string]string{"BOT_TENCENT_ENDPOINT": "Singapur"}, []string{`error: BOT_TENCENT_ENDPOINT: "Singapur" is not a region (did you mean singapore?)`}},
		{"region nowhere near", map[string]string{"BOT_TENCENT_ENDPOINT": "mars"}, []string{"one of china, singapore"}},
		{"endpoint with a path", map[string]string{"BOT_TENCENT_ENDPOINT": "https://host/v4"}, []string{"error: BOT_TENCENT_ENDPOINT: has more than a scheme and a host"}},
		{"endpoint in the clear", map[string]string{"BOT_TENCENT_ENDPOINT": "http://host"}, []string{"warning: BOT_TENCENT_ENDPOINT: sends the UserSig without encryption"}},
		{"no token", map[string]string{"BOT_TENCENT_WEBHOOK_TOKEN": ""}, []string{"error: BOT_TENCENT_WEBHOOK_TOKEN: is required"}},
		{"long token", map[string]string{"BOT_TENCENT_WEBHOOK_TOKEN": strings.Repeat("x", 129)}, []string{"error: BOT_TENCENT_WEBHOOK_TOKEN: has more than 128 characters"}},
		{"age of nothing", map[string]string{"BOT_TENCENT_WEBHOOK_MAX_AGE": "-5m"}, []string{"error: BOT_TENCENT_WEBHOOK_MAX_AGE"}},
		{"no calls", map[string]string{"BOT_TENCENT_CALLS_PER_SECOND": "0"}, []string{"error: BOT_TENCENT_CALLS_PER_SECOND: 0 is out of range (1 to 10000)"}},
		{"kick in a live room", map[string]string{"BOT_TENCENT_LIVE_ROOM_REMOVAL": "kick"}, []string{`error: BOT_TENCENT_LIVE_ROOM_REMOVAL: "kick" is not possible here (one of mute, ban)`}},
		{"space ID with a space", map[string]string{"BOT_CAMS_CUST_SPACE_ID": "cams 1"}, []string{"error: BOT_CAMS_CUST_SPACE_ID"}},
		{"space ID alone", map[string]string{"BOT_CAMS_BUSINESS_NUMBER": ""}, []string{"error: BOT_CAMS_BUSINESS_NUMBER: is required (CAMS needs it together with BOT_CAMS_CUST_SPACE_ID)"}},
		{"number alone", map[string]string{"BOT_CAMS_CUST_SPACE_ID": ""}, []string{"error: BOT_CAMS_CUST_SPACE_ID: is required"}},
		{"number with dashes", map[string]string{"BOT_CAMS_BUSINESS_NUMBER": "1-555-0100099"}, []string{"error: BOT_CAMS_BUSINESS_NUMBER"}},
		{"endpoint without scheme", map[string]string{"BOT_CAMS_ENDPOINT": "cams.ap-southeast-1.aliyuncs.com"}, []string{"error: BOT_CAMS_ENDPOINT: is not a URL"}},
		{"endpoint of another scheme", map[string]string{"BOT_CAMS_ENDPOINT": "ftp://host"}, []string{"error: BOT_CAMS_ENDPOINT: has a scheme other than"}},
		{"endpoint with a password", map[string]string{"BOT_CAMS_ENDPOINT": "https://u:p@host"}, []string{"error: BOT_CAMS_ENDPOINT: holds a user or password"}},
		{"endpoint in the clear at CAMS", map[string]string{"BOT_CAMS_ENDPOINT": "http://host"}, []string{"warning: BOT_CAMS_ENDPOINT"}},
		{"no webhook secret", map[string]string{"BOT_CAMS_WEBHOOK_SECRET": ""}, []string{"error: BOT_CAMS_WEBHOOK_SECRET: is required"}},
		{"short webhook secret", map[string]string{"BOT_CAMS_WEBHOOK_SECRET": "fifteen-letters"}, []string{"error: BOT_CAMS_WEBHOOK_SECRET: has fewer than 16 characters"}},
		{"webhook secret with a slash", map[string]string{"BOT_CAMS_WEBHOOK_SECRET": "0123456789/abcdef"}, []string{"error: BOT_CAMS_WEBHOOK_SECRET: holds a character that a URL's path would escape"}},
		{"CAMS calls", map[string]string{"BOT_CAMS_CALLS_PER_SECOND": "10001"}, []string{"error: BOT_CAMS_CALLS_PER_SECOND: 10001 is out of range"}},
		{"roster too often", map[string]string{"BOT_CAMS_ROSTER_INTERVAL": "10ms"}, []string{"error: BOT_CAMS_ROSTER_INTERVAL"}},
		{"empty group", map[string]string{"BOT_CAMS_GROUPS": "a,,b"}, []string{"error: BOT_CAMS_GROUPS: entry 2 is empty"}},
		{"empty key", map[string]string{"BOT_CAMS_GROUP_KEYS": "GroupId,"}, []string{"error: BOT_CAMS_GROUP_KEYS: entry 2 is empty"}},
		{"unknown variable", map[string]string{"BOT_LISTN": "x"}, []string{"warning: BOT_LISTN: is not a setting and has no effect (did you mean BOT_LISTEN?)"}},
		{"variable in small letters", map[string]string{"BOT_listen": "x"}, []string{"warning: BOT_listen: is not a setting"}},
		{"file of a setting that is no secret", map[string]string{"BOT_RULES_FILE": "x"}, []string{"warning: BOT_RULES_FILE: is not a setting"}},
		{"secret without its provider", map[string]string{"BOT_TENCENT_SDK_APP_ID": ""}, []string{"warning: BOT_TENCENT_SECRET_KEY: has no effect, since Tencent is off", "warning: BOT_TENCENT_WEBHOOK_TOKEN"}},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := loadEnv(with(tt.env))
			if len(problems) != len(tt.want) {
				t.Errorf("want %d problems, got:\n%s", len(tt.want), lines(problems))
			}
			for _, want := range tt.want {
				if !strings.Contains(lines(problems), want) {
					t.Errorf("want %q in:\n%s", want, lines(problems))
				}
			}
		})
		for name := range tt.env {
			covered[name] = true
		}
	}
	for _, s := range Settings() {
		if !covered[s.Name] && s.Name != "BOT_REDIS_URL" { // it has a table of its own
			t.Errorf("%s has no mistake in this table", s.Name)
		}
	}
}

func TestNoProviderIsAnError(t *testing.T) {
	_, problems := loadEnv(nil)
	if got := lines(problems); !Failed(problems) || !strings.Contains(got, "no provider is on") {
		t.Errorf("got %q", got)
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, problems := Load(Sources{
		Flags: map[string]string{"listen": "8080", "partitions": "0"},
		Env:   environ(with(map[string]string{"BOT_DRY_RUN": "maybe", "BOT_CAMS_WEBHOOK_SECRET": ""})),
		File:  []byte("log-level: loud\nspool: 1\n"), FileName: "bot.yaml", ReadFile: noFiles,
	})
	for _, want := range []string{
		"error: BOT_LISTEN (flag --listen): ", "error: BOT_PARTITIONS (flag --partitions): ", "error: BOT_DRY_RUN: ",
		"error: BOT_CAMS_WEBHOOK_SECRET: ", "error: BOT_LOG_LEVEL (bot.yaml:1:12): ", `error: bot.yaml:2:1: unknown setting "spool"`,
	} {
		if !strings.Contains(lines(problems), want) {
			t.Errorf("want %q in:\n%s", want, lines(problems))
		}
	}
	if len(problems) != 6 {
		t.Errorf("want 6 problems, got:\n%s", lines(problems))
	}
}

func TestABrokenSwitchHidesNothingThatIsMissing(t *testing.T) {
	tencent := []string{"error: BOT_TENCENT_SDK_APP_ID: ", "error: BOT_TENCENT_SECRET_KEY: is required", "error: BOT_TENCENT_WEBHOOK_TOKEN: is required"}
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"Tencent alone":        {map[string]string{"BOT_TENCENT_SDK_APP_ID": "app"}, tencent},
		"Tencent, one is here": {map[string]string{"BOT_TENCENT_SDK_APP_ID": "app", "BOT_TENCENT_SECRET_KEY": goodKey}, []string{tencent[0], tencent[2]}},
		"Tencent, in the clear": {map[string]string{"BOT_TENCENT_SDK_APP_ID": "app", "BOT_TENCENT_ENDPOINT": "http://host"},
			append([]string{"warning: BOT_TENCENT_ENDPOINT: "}, tencent...)},
		"CAMS, broken space ID": {map[string]string{"BOT_CAMS_CUST_SPACE_ID": "cams 1"},
			[]string{"error: BOT_CAMS_CUST_SPACE_ID: ", "error: BOT_CAMS_BUSINESS_NUMBER: is required", "error: BOT_CAMS_WEBHOOK_SECRET: is required"}},
		"CAMS, broken number": {map[string]string{"BOT_CAMS_BUSINESS_NUMBER": "1-555"},
			[]string{"error: BOT_CAMS_CUST_SPACE_ID: is required", "error: BOT_CAMS_BUSINESS_NUMBER: ", "error: BOT_CAMS_WEBHOOK_SECRET: is required"}},
		"CAMS, both broken": {map[string]string{"BOT_CAMS_CUST_SPACE_ID": "cams 1", "BOT_CAMS_BUSINESS_NUMBER": "1-555"},
			[]string{"error: BOT_CAMS_CUST_SPACE_ID: ", "error: BOT_CAMS_BUSINESS_NUMBER: ", "error: BOT_CAMS_WEBHOOK_SECRET: is required"}},
		"both providers": {map[string]string{"BOT_TENCENT_SDK_APP_ID": "app", "BOT_CAMS_CUST_SPACE_ID": "cams-1"},
			append([]string{"error: BOT_CAMS_BUSINESS_NUMBER: is required", "error: BOT_CAMS_WEBHOOK_SECRET: is required"}, tencent...)},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := loadEnv(tt.env)
			for _, want := range tt.want {
				if !strings.Contains(lines(problems), want) {
					t.Errorf("want %q in:\n%s", want, lines(problems))
				}
			}
			if len(problems) != len(tt.want) {
				t.Errorf("want %d problems, got:\n%s", len(tt.want), lines(problems))
			}
		})
	}
}

func TestInsecureWebhooksNeedNoSecrets(t *testing.T) {
	_, problems := loadEnv(with(map[string]string{
		"BOT_TENCENT_WEBHOOK_TOKEN": "", "BOT_CAMS_WEBHOOK_SECRET": "", "BOT_INSECURE_WEBHOOKS": "true",
	}))
	if Failed(problems) {
		t.Errorf("got:\n%s", lines(problems))
	}
}

func TestKubernetesVariablesAreNotOurs(t *testing.T) {
	mustLoad(t, Sources{Env: environ(with(map[string]string{
		"BOT_SERVICE_HOST": "10.0.0.1", "BOT_PORT": "tcp://10.0.0.1:8080", "BOT_PORT_8080_TCP_ADDR": "10.0.0.1",
	}))})
	if _, problems := loadEnv(with(map[string]string{"BOT_PORT": "8080"})); len(problems) != 1 {
		t.Errorf("a plain BOT_PORT should be warned of, got:\n%s", lines(problems))
	}
}

// What a demo is guarded with is known to everybody, and must not guard groups that exist.
func TestSimulatedSecretsGuardNothingReal(t *testing.T) {
	const sim = "http://sim:8090"
	all := []string{"BOT_ADMIN_TOKEN", "BOT_CAMS_WEBHOOK_SECRET", "BOT_TENCENT_SECRET_KEY", "BOT_TENCENT_WEBHOOK_TOKEN"}
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string // settings with an error
	}{
		"both real":                      {nil, all},
		"both simulated":                 {map[string]string{"BOT_TENCENT_ENDPOINT": sim, "BOT_CAMS_ENDPOINT": sim}, nil},
		"only Tencent simulated":         {map[string]string{"BOT_TENCENT_ENDPOINT": sim}, all[:2]},
		"only CAMS simulated":            {map[string]string{"BOT_CAMS_ENDPOINT": sim}, []string{all[0], all[2], all[3]}},
		"one simulated, the other off":   {map[string]string{"BOT_TENCENT_SDK_APP_ID": "", "BOT_CAMS_ENDPOINT": sim}, nil},
		"a real one by its URL":          {map[string]string{"BOT_TENCENT_ENDPOINT": "https://console.tim.qq.com", "BOT_CAMS_ENDPOINT": sim}, []string{all[0], all[2], all[3]}},
		"the word in the middle is fine": {map[string]string{"BOT_ADMIN_TOKEN": "not-simulated-at-all", "BOT_TENCENT_SDK_APP_ID": ""}, all[1:2]},
	} {
		t.Run(name, func(t *testing.T) {
			env := with(map[string]string{
				"BOT_ADMIN_TOKEN": "simulated-admin-token", "BOT_CAMS_WEBHOOK_SECRET": "simulated-webhook-secret",
				"BOT_TENCENT_SECRET_KEY": "simulated-tencent-secret-key", "BOT_TENCENT_WEBHOOK_TOKEN": "simulated-webhook-token",
			})
			for setting, text := range tt.env {
				env[setting] = text
			}
			_, problems := loadEnv(env)
			var got []string
			for _, p := range problems {
				if !p.Warning {
					got = append(got, p.Name)
					if strings.Contains(p.String(), "simulated-") || !strings.Contains(p.Text, "everybody knows") {
						t.Errorf("it says %q", p)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("errors of %q, want %q", got, tt.want)
			}
		})
	}
}
