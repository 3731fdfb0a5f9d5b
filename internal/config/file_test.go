package config

import (
	"reflect"
	"strings"
	"testing"
)

func loadFile(text string) (Config, []Problem) {
	return Load(Sources{Env: environ(goodEnv()), File: []byte(text), FileName: "bot.yaml", ReadFile: noFiles})
}

func TestFileIsReadAsWritten(t *testing.T) {
	c, problems := Load(Sources{
		File: []byte(`# A comment.
listen: ":8081"
tencent_sdk_app_id: 1400000000      # underscores do as well
tencent-secret-key: 0170
tencent-webhook-token: 1e5
cams-cust-space-id: yes
cams-business-number: +8613800000000
cams-webhook-secret-file: /run/secrets/cams
cams-groups: [EA93UU0001, "a, b"]
dry-run: true
`),
		FileName: "bot.yaml",
		ReadFile: func(string) ([]byte, error) { return []byte(goodSecret), nil },
	})
	if len(problems) > 0 {
		t.Fatalf("unexpected problems:\n%s", lines(problems))
	}
	got := []any{c.Listen, c.Tencent.SDKAppID, c.Tencent.SecretKey.Reveal(), c.Tencent.WebhookToken.Reveal(), c.CAMS.CustSpaceID, c.CAMS.BusinessNumber, c.CAMS.WebhookSecret.Reveal(), c.CAMS.Groups, c.DryRun}
	want := []any{":8081", uint32(1400000000), "0170", "1e5", "yes", "8613800000000", goodSecret, []string{"EA93UU0001", "a, b"}, true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestFileMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"lisen: x":                               `error: bot.yaml:1:1: unknown setting "lisen" (did you mean listen?)`,
		"\nBOT_DATA_DIR: x":                      `error: bot.yaml:2:1: unknown setting "BOT_DATA_DIR" (did you mean data-dir?)`,
		"zzzzzzzzzzzz: x":                        "keys are the flags without their dashes",
		"? [a]\n: x":                             "error: bot.yaml:1:3: unknown setting",
		"<<: {listen: x}":                        `unknown setting "<<"`,
		"listen: a:1\nlisten: a:2":               "error: BOT_LISTEN (bot.yaml:2:9): stands here for the second time (first at bot.yaml:1:9)",
		"data-dir: a\ndata_dir: b":               "error: BOT_DATA_DIR (bot.yaml:2:11): stands here for the second time",
		"listen: {port: 1}":                      "error: BOT_LISTEN (bot.yaml:1:9): is a block of settings",
		"listen:":                                "error: BOT_LISTEN (bot.yaml:1:8): has no value",
		"rules: ''":                              "error: BOT_RULES (bot.yaml:1:8): is empty (leave it out for the default, rules.yaml)",
		"cams-group-keys: []":                    "error: BOT_CAMS_GROUP_KEYS (bot.yaml:1:18): is empty",
		"listen: [a, b]":                         "error: BOT_LISTEN (bot.yaml:1:9): is a list (write a single value)",
		"cams-groups: [a, [b]]":                  "error: BOT_CAMS_GROUPS (bot.yaml:1:14): is a list of something else than texts",
		"cams-groups: [a, ~]":                    "error: BOT_CAMS_GROUPS (bot.yaml:1:14): has no value",
		"data-dir: &a x":                         "error: BOT_DATA_DIR (bot.yaml:1:11): uses an anchor or alias",
		"data-dir: !env X":                       "error: BOT_DATA_DIR (bot.yaml:1:11): has a tag",
		"admin-token-file: [x]":                  "error: BOT_ADMIN_TOKEN (bot.yaml:1:19): names no file",
		"- listen":                               "error: bot.yaml: is not a list of settings",
		"just words":                             "error: bot.yaml: is not a list of settings",
		"log-level: info\n---\nrules: x":         "is a second document (keep one)",
		"rules: \"open":                          "is not valid YAML near here",
		"rules: a\n\tlisten: b":                  "error: bot.yaml:2: is not valid YAML near here",
		"rules: a\n--- \"":                       "is not valid YAML near here",
		"":                                       "warning: bot.yaml: holds no settings",
		"# nothing\n":                            "warning: bot.yaml: holds no settings",
		"rules: " + strings.Repeat("x", maxFile): "error: bot.yaml: is over 256 KiB",
	} {
		_, problems := loadFile(text)
		if len(problems) != 1 || !strings.Contains(lines(problems), want) {
			t.Errorf("%.60q:\nwant %s\ngot  %s", text, want, lines(problems))
		}
	}
}

func TestEmptyListOfGroups(t *testing.T) {
	if c, problems := loadFile("cams-groups: []"); len(problems) > 0 || len(c.CAMS.Groups) != 0 {
		t.Errorf("got %v, problems:\n%s", c.CAMS.Groups, lines(problems))
	}
}

// FuzzFile checks that no file brings the loader down, and that none makes it repeat a value of a
// secret.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{"listen: :1", "admin-token: x", "a: [b, {c: d}]", "&a [*a]", "x: !!binary aa", "---\n---\n", "? a\n: b", "rules: |\n  x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c, problems := Load(Sources{Env: environ(goodEnv()), File: file, FileName: "f", ReadFile: noFiles})
		if !Failed(problems) && (c.Listen == "" || c.Rules == "" || c.Partitions < 1 || len(c.CAMS.GroupKeys) == 0) {
			t.Errorf("accepted a file that leaves settings empty: %+v", c)
		}
		_, problems = Load(Sources{Env: environ(goodEnv()), File: append([]byte("admin-token: '"+hush+" x'\n"), file...), FileName: "f", ReadFile: noFiles})
		if strings.Contains(lines(problems), hush) {
			t.Errorf("a problem repeats a secret:\n%s", lines(problems))
		}
	})
}
