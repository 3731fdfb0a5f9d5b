package doctor_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/doctor"
)

const (
	gib    = 1 << 30
	strong = config.Secret("4c1d9f03b7a8e6524c1d9f03b7a8e652")
)

var errGone = errors.New("connection refused")

// on returns settings with both providers on, changed in one place.
func on(change func(*config.Config)) *config.Config {
	c := &config.Config{
		AdminListen: "127.0.0.1:9090", AdminToken: strong, Tencent: config.Tencent{SDKAppID: 1400000000, WebhookToken: strong},
		CAMS: config.CAMS{CustSpaceID: "cams-example01", BusinessNumber: "15550100099", WebhookSecret: strong},
	}
	change(c)
	return c
}

func redis(change func(*doctor.Redis)) []doctor.Check {
	r := doctor.Redis{Version: "7.0.15", Recorded: 16, Partitions: 16, Timed: true}
	change(&r)
	return doctor.RedisStore(r)
}

func answered(p chat.Provider, class actions.Class, code, text string) []doctor.Check {
	return doctor.Provider(doctor.Call{Provider: p, API: "ask", Account: "it", Outcome: actions.Outcome{Class: class, Code: code, Text: text}, Groups: 3})
}

// Each row has one thing that is wrong, and what is said about it: the worst of its checks.
func TestWhatIsWrongIsSaidWithItsFix(t *testing.T) {
	problem := config.Problem{Name: "BOT_LISTEN", Where: "flag --listen", Text: "is not an address", Hint: "such as :8080"}
	lenient := problem
	lenient.Warning = true
	for name, tt := range map[string]struct {
		checks    []doctor.Check
		status    doctor.Status
		text, fix string
	}{
		"no problem of settings": {doctor.Settings(nil), "ok", "all settings are right", ""},
		"a setting":              {doctor.Settings([]config.Problem{problem}), "error", "BOT_LISTEN (flag --listen): is not an address", "such as :8080"},
		"a setting's warning":    {doctor.Settings([]config.Problem{lenient}), "warning", "BOT_LISTEN (flag --listen): is not an address", "such as :8080"},
		"a secret in the open":   {doctor.SecretFiles([]doctor.SecretFile{{Setting: "BOT_X_FILE", Path: "/x", Mode: 0o644}}), "warning", "BOT_X_FILE names /x, which every user of the machine can read (mode 0644)", "chmod o-r /x"},
		"a secret for a group":   {doctor.SecretFiles([]doctor.SecretFile{{Setting: "BOT_X_FILE", Path: "/x", Mode: 0o640}}), "ok", "1 file", ""},

		"webhooks with secrets": {doctor.Webhooks(on(func(*config.Config) {})), "ok", "BOT_TENCENT_WEBHOOK_TOKEN is set", ""},
		"a short token":         {doctor.Webhooks(on(func(c *config.Config) { c.Tencent.WebhookToken = "short" })), "warning", "BOT_TENCENT_WEBHOOK_TOKEN is short", "openssl rand -hex 32"},
		"a token of one letter": {doctor.Webhooks(on(func(c *config.Config) { c.CAMS.WebhookSecret = "aaaaaaaaaaaaaaaaaaaaaaaa" })), "warning", "BOT_CAMS_WEBHOOK_SECRET is short or repeats itself", "openssl rand -hex 32"},
		"insecure webhooks": {doctor.Webhooks(on(func(c *config.Config) { c.CAMS.WebhookSecret, c.InsecureWebhooks = "", true })), "warning",
			"anybody who reaches the webhook port can have members removed", "set BOT_CAMS_WEBHOOK_SECRET"},

		"admin port inside":                {one(doctor.Admin(on(func(*config.Config) {}))), "ok", "only reached from this machine", ""},
		"admin port on localhost":          {one(doctor.Admin(on(func(c *config.Config) { c.AdminListen = "localhost:1" }))), "ok", "only reached from this machine", ""},
		"admin port open, token":           {one(doctor.Admin(on(func(c *config.Config) { c.AdminListen = ":9090" }))), "ok", "it speaks no TLS", ""},
		"admin port open, no token":        {one(doctor.Admin(on(func(c *config.Config) { c.AdminListen, c.AdminToken = "0.0.0.0:9090", "" }))), "warning", "beyond this machine", "listen on 127.0.0.1"},
		"admin port open, token to guess":  {one(doctor.Admin(on(func(c *config.Config) { c.AdminListen, c.AdminToken = "[::]:9090", "letmein" }))), "warning", "could be guessed", "openssl"},
		"admin port of the network's name": {one(doctor.Admin(on(func(c *config.Config) { c.AdminListen, c.AdminToken = "10.0.0.7:9090", "" }))), "warning", "beyond this machine", "listen on 127.0.0.1"},

		"a clock that agrees":          {one(doctor.Clock("theirs", time.Second, time.Minute)), "ok", "theirs agrees with ours to 1s", ""},
		"a clock ahead":                {one(doctor.Clock("theirs", 31*time.Second, time.Minute)), "warning", "theirs is 31s ahead of ours", "NTP"},
		"a clock far behind":           {one(doctor.Clock("theirs", -61*time.Second, time.Minute)), "error", "theirs is 1m1s behind ours: past 1m0s", "NTP"},
		"a clock that refuses nothing": {one(doctor.Clock("theirs", 48*time.Hour, 0)), "warning", "theirs is 48h0m0s ahead of ours", "NTP"},

		"a folder":                    {doctor.DataFolder(doctor.Folder{Dir: "/d", Exists: true, Free: 9 * gib, Needs: gib}), "ok", "/d can be written, 9.0 GiB are free", ""},
		"a folder to be made":         {doctor.DataFolder(doctor.Folder{Dir: "/d", Free: 9 * gib}), "ok", "/d is not there yet and can be made", ""},
		"a folder of another":         {doctor.DataFolder(doctor.Folder{Dir: "/d", Err: errors.New("permission denied")}), "error", "/d cannot be written: permission denied", "BOT_DATA_DIR"},
		"a disk that is full":         {doctor.DataFolder(doctor.Folder{Dir: "/d", Exists: true, Free: gib, Needs: gib}), "warning", "has 1.0 GiB free: the bot may want 1.2 GiB", "BOT_SPOOL_MAX"},
		"enough of everything":        {doctor.MachineLimits(doctor.Limits{Files: 1 << 20, Memory: math.MaxInt64}), "ok", "enough", ""},
		"few open files":              {doctor.MachineLimits(doctor.Limits{Files: 1024, Memory: math.MaxInt64}), "warning", "may open 1024 files", "LimitNOFILE"},
		"no memory limit":             {doctor.MachineLimits(doctor.Limits{Memory: math.MaxInt64, Container: gib}), "warning", "GOMEMLIMIT is not set", "GOMEMLIMIT to about 819.2 MiB"},
		"a memory limit that is none": {doctor.MachineLimits(doctor.Limits{Memory: 2 * gib, Container: gib}), "warning", "GOMEMLIMIT is over", "GOMEMLIMIT"},

		"free ports":       {doctor.Ports([]doctor.Port{{Setting: "BOT_LISTEN", Addr: ":1"}}), "ok", ":1 (BOT_LISTEN) is free", ""},
		"a port in use":    {doctor.Ports([]doctor.Port{{Setting: "BOT_LISTEN", Addr: ":1", Err: errors.New("address already in use")}}), "error", ":1 (BOT_LISTEN) cannot be listened on: address already in use", "BOT_LISTEN"},
		"ports of the bot": {doctor.Ports([]doctor.Port{{Setting: "BOT_LISTEN", Addr: ":1", Err: errGone}, {Setting: "BOT_ADMIN_LISTEN", Addr: ":2", Bot: "v1"}}), "ok", "is in use, as it is when a bot runs", ""},

		"Redis as it should be":     {redis(func(*doctor.Redis) {}), "ok", "Redis 7.0.15 answers", ""},
		"no Redis":                  {redis(func(r *doctor.Redis) { r.Err = errGone }), "error", "Redis cannot be asked: connection refused", "BOT_REDIS_URL"},
		"Redis with a warning":      {redis(func(r *doctor.Redis) { r.Warnings = []string{"appendonly of Redis is \"no\": set it"} }), "warning", "appendonly of Redis", ""},
		"other partitions":          {redis(func(r *doctor.Redis) { r.Recorded = 32 }), "error", "Redis was filled with 32 partitions, and BOT_PARTITIONS is 16", "set it back"},
		"replicas that are away":    {redis(func(r *doctor.Redis) { r.Wanted = 1 }), "error", "Redis has 0 replicas and BOT_REDIS_WAIT_REPLICAS is 1", "connect replicas"},
		"replicas nobody waits for": {redis(func(r *doctor.Redis) { r.Replicas = 1 }), "warning", "a failover may lose accepted actions", "BOT_REDIS_WAIT_REPLICAS=1"},
		"the clock of Redis":        {redis(func(r *doctor.Redis) { r.Skew = -time.Hour }), "warning", "the clock of Redis is 1h0m0s behind ours", "NTP"},

		"no embedded store":      {doctor.EmbeddedStore(doctor.Embedded{Dir: "d"}), "ok", "is made at the first start", ""},
		"a store that is closed": {doctor.EmbeddedStore(doctor.Embedded{Dir: "d", Err: errors.New("permission denied")}), "error", "the store in d cannot be read: permission denied", "who owns it"},
		"a store of the bot":     {doctor.EmbeddedStore(doctor.Embedded{Dir: "d", Exists: true, Holder: "7", BotAnswers: true}), "ok", "in use by process 7, as it is when the bot runs", ""},
		"a store of somebody":    {doctor.EmbeddedStore(doctor.Embedded{Dir: "d", Exists: true, Holder: "7"}), "warning", "in use by process 7, and no bot answers", "BOT_ADMIN_TOKEN"},
		"a store of more parts":  {doctor.EmbeddedStore(doctor.Embedded{Dir: "d", Exists: true, Recorded: 4, Partitions: 16}), "error", "it was filled with 4 partitions", "set it back"},

		"a provider that answers": {answered(chat.Tencent, actions.OK, "0", ""), "ok", "it takes our credentials and has 3 groups (ask)", ""},
		"asked too often":         {answered(chat.Tencent, actions.Limited, "60007", ""), "warning", "was asked too often just now (60007)", "in a minute"},
		"no app admin":            {answered(chat.Tencent, actions.Auth, "60010", "not admin"), "error", "is refused: 60010 not admin", "BOT_TENCENT_IDENTIFIER"},
		"another region":          {answered(chat.Tencent, actions.Auth, "60026", ""), "error", "is refused: 60026", "BOT_TENCENT_ENDPOINT is the region"},
		"another key":             {answered(chat.Tencent, actions.Auth, "70003", ""), "error", "is refused: 70003", "BOT_TENCENT_SECRET_KEY"},
		"no answer":               {answered(chat.Tencent, actions.Again, "error", "dial tcp: refused"), "error", "has no answer that counts: error dial tcp: refused", "reaches it"},
		"a code of the list":      {answered(chat.Tencent, actions.Auth, "70402", ""), "error", "70402", "list of errors"},
		"no credentials":          {answered(chat.CAMS, actions.Auth, "credentials", "none"), "error", "credentials none", "ALIBABA_CLOUD_ACCESS_KEY_ID"},
		"an unknown access key":   {answered(chat.CAMS, actions.Auth, "InvalidAccessKeyId.NotFound", ""), "error", "NotFound", "access key exists"},
		"no permission":           {answered(chat.CAMS, actions.Permanent, "NoPermission", ""), "error", "NoPermission", "cams:ListChatGroup"},
		"another channel":         {answered(chat.CAMS, actions.Permanent, "Authentication.NoAuth", ""), "error", "NoAuth", "BOT_CAMS_CUST_SPACE_ID"},
		"another number":          {answered(chat.CAMS, actions.Permanent, "InvalidParameter.PhoneNumberError", ""), "error", "PhoneNumberError", "BOT_CAMS_BUSINESS_NUMBER"},
		"a provider's clock": {doctor.Provider(doctor.Call{Provider: chat.Tencent, Outcome: actions.Outcome{Class: actions.OK}, Timed: true, Skew: time.Hour, MostSkew: 5 * time.Minute}), "error",
			"the clock of tencent is 1h0m0s ahead of ours", "NTP"},

		"nothing to do":        {doctor.Actions(doctor.State{Queued: 2}), "ok", "2 actions in the queue", ""},
		"a dry run":            {doctor.Actions(doctor.State{DryRun: true}), "warning", "this is a dry run", "BOT_DRY_RUN"},
		"a breaker":            {doctor.Actions(doctor.State{Broken: []chat.Provider{"cams"}}), "error", "calls to cams fail: its actions wait", "log"},
		"dead letters":         {doctor.Actions(doctor.State{Dead: 2}), "warning", "2 dead letters wait", "bot dead list"},
		"held actions":         {doctor.Actions(doctor.State{Held: 1}), "warning", "1 held action wait", "bot held list"},
		"pauses":               {doctor.Actions(doctor.State{Paused: 1}), "warning", "1 pause hold", "bot pause --list"},
		"an old action":        {doctor.Actions(doctor.State{Queued: 1, Oldest: time.Hour}), "warning", "the oldest for 1h0m0s", "bot cases --outcome pending"},
		"a store that fell":    {doctor.Actions(doctor.State{Err: errGone}), "error", "the queue cannot be read: connection refused", "the store"},
		"an empty spool":       {one(doctor.SpoolState(doctor.Spool{Most: gib})), "ok", "the spool is empty and takes 1.0 GiB", ""},
		"a spool in use":       {one(doctor.SpoolState(doctor.Spool{Most: gib, Entries: 1, Bytes: 1})), "warning", "1 event wait in the spool", "when Redis answers"},
		"a spool that fills":   {one(doctor.SpoolState(doctor.Spool{Most: gib, Entries: 9, Bytes: gib - gib/8})), "warning", "the spool has 896.0 MiB of 1.0 GiB", "BOT_SPOOL_MAX"},
		"a spool that is full": {one(doctor.SpoolState(doctor.Spool{Most: gib, Bytes: gib, Refusing: errors.New("no room")})), "error", "the spool takes nothing: no room", "disk"},
		"no heartbeat":         {one(doctor.Heartbeat(doctor.Beat{})), "skipped", "it is off (BOT_HEARTBEAT)", ""},
		"a heartbeat":          {one(doctor.Heartbeat(doctor.Beat{Provider: "cams", Every: time.Minute, Age: time.Second})), "ok", "the way of cams was answered 1s ago", ""},
		"a heart that stopped": {one(doctor.Heartbeat(doctor.Beat{Provider: "cams", Every: time.Minute, Age: time.Hour})), "error", "was answered for 1h0m0s, one is sent every 1m0s", "the log"},
		"a few probes":         {doctor.Refused("cams", map[string]int{"wrong secret": 9}), "", "", ""},
		"a wrong secret":       {doctor.Refused("cams", map[string]int{"wrong secret": 10}), "warning", "the last 10 webhooks of cams were all refused, 10 of them for: wrong secret", "BOT_CAMS_WEBHOOK_SECRET"},
		"a wrong token":        {doctor.Refused("tencent", map[string]int{"bad signature": 40, "missing SdkAppid": 1}), "warning", "the last 41 webhooks of tencent were all refused, 40 of them for: bad signature", "BOT_TENCENT_WEBHOOK_TOKEN"},
		"no authentication":    {doctor.Refused("tencent", map[string]int{"missing signature": 10}), "warning", "missing signature", "authentication is on in Tencent's console"},
		"no token":             {doctor.Refused("tencent", map[string]int{"no token configured": 10}), "warning", "no token configured", "set BOT_TENCENT_WEBHOOK_TOKEN"},
		"another application":  {doctor.Refused("tencent", map[string]int{"wrong SdkAppid": 10}), "warning", "wrong SdkAppid", "BOT_TENCENT_SDK_APP_ID"},
		"a clock that refuses": {doctor.Refused("tencent", map[string]int{"stale request": 10}), "warning", "stale request", "NTP"},
		"an odd request":       {doctor.Refused("tencent", map[string]int{"repeated parameter": 10}), "warning", "repeated parameter", "console"},
		"refused rules":        {doctor.Reread("r.yaml", 2), "error", "r.yaml was read again and refused (2 errors)", "bot check r.yaml"},
	} {
		worst := worstOf(tt.checks)
		if worst.Status != tt.status || !strings.Contains(worst.Text, tt.text) || !strings.Contains(worst.Fix, tt.fix) || tt.fix == "" && tt.status == "error" {
			t.Errorf("%s: got %+v, want %s: %s (%s)", name, worst, tt.status, tt.text, tt.fix)
		}
	}
}

func one(c doctor.Check) []doctor.Check { return []doctor.Check{c} }

// worstOf returns the first check of the worst status; the last of those that are fine.
func worstOf(checks []doctor.Check) (worst doctor.Check) {
	rank := map[doctor.Status]int{doctor.OK: 1, doctor.Skipped: 2, doctor.Warning: 3, doctor.Error: 4}
	for _, c := range checks {
		if rank[c.Status] > rank[worst.Status] {
			worst = c
		}
	}
	return worst
}

func TestReportCountsAndBlames(t *testing.T) {
	rules := doctor.Check{About: doctor.AboutRules, Status: doctor.Error}
	store := doctor.Check{About: doctor.AboutStore, Status: doctor.Error}
	fine := doctor.Check{About: doctor.AboutStore, Status: doctor.OK}
	uneasy := doctor.Check{About: doctor.AboutStore, Status: doctor.Warning}
	for name, tt := range map[string]struct {
		checks           []doctor.Check
		errors, warnings int
		rules            bool
	}{
		"nothing":           {nil, 0, 0, false},
		"warnings":          {[]doctor.Check{fine, uneasy, doctor.Skip("x", "y")}, 0, 1, false},
		"the rules alone":   {[]doctor.Check{rules, uneasy, rules}, 2, 1, true},
		"the store as well": {[]doctor.Check{rules, store}, 2, 0, false},
		"the store alone":   {[]doctor.Check{store}, 1, 0, false},
	} {
		var r doctor.Report
		r.Add(tt.checks...)
		if r.Errors != tt.errors || r.Warnings != tt.warnings || r.RulesAtFault() != tt.rules || len(r.Checks) != len(tt.checks) {
			t.Errorf("%s: %+v, rules at fault: %v", name, r, r.RulesAtFault())
		}
	}
}
