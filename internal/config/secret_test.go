package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const hush = "s3cr3t-0123456789abcdef"

type holder struct{ S []Secret }

// outputs renders v in every way that a program might print it.
func outputs(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s", "%U"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	out["Sprint"], out["Errorf"] = fmt.Sprint(v), fmt.Errorf("loading: %v", v).Error()
	encode := func(name string, b []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = string(b)
	}
	b, err := json.Marshal(v)
	encode("json", b, err)
	b, err = yaml.Marshal(v)
	encode("yaml", b, err)
	b, err = xml.Marshal(v)
	encode("xml", b, err)
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("start", "config", v)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("start", "config", v)
	out["slog text"], out["slog json"] = text.String(), js.String()
	return out
}

func TestSecretsNeverPrint(t *testing.T) {
	c := Config{
		AdminToken: hush, RedisURL: "redis://:" + hush + "@host",
		Tencent: Tencent{SecretKey: hush, WebhookToken: hush}, CAMS: CAMS{WebhookSecret: hush},
	}
	values := map[string]any{"secret": Secret(hush), "config": c, "pointer": &c, "list": []Secret{hush}, "held": holder{[]Secret{hush}}}
	for name, v := range values {
		for how, got := range outputs(t, v) {
			for _, leak := range []string{hush, hush[:6], fmt.Sprintf("%x", hush), fmt.Sprintf("%X", hush)} {
				if strings.Contains(got, leak) {
					t.Errorf("%s by %s shows the secret: %s", name, how, got)
				}
			}
		}
	}
	if got := fmt.Sprint(Secret(hush)); got != "[redacted]" {
		t.Errorf("a set secret prints as %q", got)
	}
	if got := fmt.Sprintf("%#v", Secret(hush)); got != `config.Secret("[redacted]")` {
		t.Errorf("a set secret prints as %s in Go syntax", got)
	}
	if got := fmt.Sprint(Secret("")); got != "" {
		t.Errorf("an unset secret prints as %q", got)
	}
	if Secret(hush).Reveal() != hush {
		t.Error("Reveal does not return the secret")
	}
}

func TestProblemsNeverShowSecrets(t *testing.T) {
	broken := []string{
		hush + " x", "\x00" + hush, hush + "/?#%", strings.Repeat(hush, 20),
		"redis://:" + hush + "@[", "redis://user:" + hush + "/x@host", "http://" + hush + "@host", hush + "://host",
		"redis://host/" + hush, "redis+sentinel://host/m/" + hush, "redis://" + hush + "%@host",
	}
	for _, s := range Settings() {
		if !s.Secret && !strings.HasSuffix(s.Name, "ENDPOINT") {
			continue
		}
		for _, text := range broken {
			if !s.Secret {
				text = "https://user:" + hush + "@host"
			}
			for how, from := range secretSources(s, text) {
				_, problems := Load(from)
				if strings.Contains(lines(problems), hush) {
					t.Errorf("%s by %s:\n%s", s.Name, how, lines(problems))
				}
			}
		}
	}
}

// secretSources gives one text in every place that it may come from, right and wrong ones.
func secretSources(s Setting, text string) map[string]Sources {
	env := environ(with(map[string]string{s.Name: ""}))
	holds := func(string) ([]byte, error) { return []byte(text), nil }
	file := func(yaml string) Sources {
		return Sources{Env: env, File: []byte(yaml), FileName: "bot.yaml", ReadFile: noFiles}
	}
	return map[string]Sources{
		"flag":           {Env: env, Flags: map[string]string{s.Flag: text}, ReadFile: noFiles},
		"variable":       {Env: append(env, s.Name+"="+text), ReadFile: noFiles},
		"file of it":     {Env: append(env, s.Name+"_FILE=/run/secrets/x"), ReadFile: holds},
		"mixed up":       {Env: append(env, s.Name+"_FILE="+text), ReadFile: noFiles},
		"mixed up, odd":  {Env: append(env, s.Name+"_FILE="+text), ReadFile: func(n string) ([]byte, error) { return nil, fmt.Errorf("no %s: %w", n, fs.ErrInvalid) }},
		"quoted":         file(s.Flag + ": '" + text + "'"),
		"alias":          file(s.Flag + ": *" + hush),
		"anchor":         file(s.Flag + ": &" + hush + " x"),
		"tag":            file(s.Flag + ": !" + hush + " x"),
		"comment":        file(s.Flag + ": #" + hush),
		"broken YAML":    file(s.Flag + ": \"" + hush + "\\q\""),
		"percent":        file(s.Flag + ": %" + hush),
		"nested":         file(s.Flag + ": {" + hush + ": x}"),
		"list":           file(s.Flag + ": [" + hush + "]"),
		"unknown prefix": {Env: append(env, "BOT_X="+hush), ReadFile: noFiles},
	}
}

func TestSecretFromFile(t *testing.T) {
	files := map[string]string{"lf": goodKey + "\n", "crlf": goodKey + "\r\n", "bare": goodKey, "empty": "\n", "two": "a\nb\n", "big": strings.Repeat("x", 65<<10)}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return noFiles(name)
	}
	load := func(changes map[string]string) (Config, string) {
		c, problems := Load(Sources{Env: environ(with(changes)), ReadFile: read})
		return c, lines(problems)
	}
	for _, name := range []string{"lf", "crlf", "bare"} {
		c, problems := load(map[string]string{"BOT_TENCENT_SECRET_KEY": "", "BOT_TENCENT_SECRET_KEY_FILE": name})
		if problems != "" || c.Tencent.SecretKey != goodKey {
			t.Errorf("%s: got %q, problems %q", name, c.Tencent.SecretKey.Reveal(), problems)
		}
	}
	for name, want := range map[string]string{
		"empty": "names an empty file", "two": "holds a space or control character", "big": "names a file over 64 KiB",
		"none": "cannot be read: file does not exist",
	} {
		_, problems := load(map[string]string{"BOT_TENCENT_SECRET_KEY": "", "BOT_TENCENT_SECRET_KEY_FILE": name})
		if want = "error: BOT_TENCENT_SECRET_KEY (BOT_TENCENT_SECRET_KEY_FILE): " + want; !strings.Contains(problems, want) || strings.Count(problems, "\n") != 1 {
			t.Errorf("%s: want %q, got %q", name, want, problems)
		}
	}
	_, problems := load(map[string]string{"BOT_TENCENT_SECRET_KEY_FILE": "lf"})
	if !strings.Contains(problems, "is given twice, here and as BOT_TENCENT_SECRET_KEY") {
		t.Errorf("both at once: got %q", problems)
	}
}

func TestSecretOnTheCommandLineIsWarnedOf(t *testing.T) {
	for flag, want := range map[string]int{
		"tencent-secret-key=" + goodKey: 1, "redis-url=redis://:pw@host": 1, "redis-url=redis://host": 0,
	} {
		name, text, _ := strings.Cut(flag, "=")
		_, problems := Load(Sources{Env: environ(goodEnv()), Flags: map[string]string{name: text}, ReadFile: noFiles})
		if len(problems) != want || Failed(problems) {
			t.Errorf("--%s: want %d warnings, got:\n%s", name, want, lines(problems))
		}
	}
}
