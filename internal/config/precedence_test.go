package config

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A setting's value comes from the first source that has it, whatever the others say.
func TestPrecedence(t *testing.T) {
	// These take any number of texts in every source.
	free := []string{"BOT_PARTITIONS", "BOT_DATA_DIR", "BOT_CAMS_WEBHOOK_SECRET", "BOT_ADMIN_TOKEN"}
	settings := slices.DeleteFunc(Settings(), func(s Setting) bool { return !slices.Contains(free, s.Name) })
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(settings).Draw(t, "setting")
		from := Sources{Flags: map[string]string{}, FileName: "bot.yaml"}
		files := map[string]string{}
		from.ReadFile = func(name string) ([]byte, error) { return []byte(files[name] + "\n"), nil }
		env := with(map[string]string{s.Name: ""})
		value := func(n int) string {
			if s.Name == "BOT_PARTITIONS" {
				return fmt.Sprint(n)
			}
			return fmt.Sprintf("value-number-%04d", n)
		}
		// give puts a value into one source, for a secret by its file at times.
		give := func(n int, put func(suffix, text string)) {
			if s.Secret && rapid.Bool().Draw(t, "by file") {
				path := fmt.Sprintf("/run/secrets/%d", n)
				files[path] = value(n)
				put("file", path)
				return
			}
			put("", value(n))
		}
		want := s.Default
		if rapid.Bool().Draw(t, "in file") {
			want = value(3)
			give(3, func(suffix, text string) { from.File = []byte(dashed(s.Flag, suffix) + ": " + text + "\n") })
		}
		if rapid.Bool().Draw(t, "in environment") {
			want = value(2)
			give(2, func(suffix, text string) {
				name := s.Name
				if suffix != "" {
					name += "_FILE"
				}
				env[name] = text
			})
		}
		if rapid.Bool().Draw(t, "as flag") {
			want = value(1)
			give(1, func(suffix, text string) { from.Flags[dashed(s.Flag, suffix)] = text })
		}
		from.Env = environ(env)
		c, problems := Load(from)
		if Failed(problems) && (want != "" || s.Name == "BOT_ADMIN_TOKEN") {
			t.Fatalf("%s", lines(problems))
		}
		got := map[string]string{
			"BOT_PARTITIONS": fmt.Sprint(c.Partitions), "BOT_DATA_DIR": c.DataDir,
			"BOT_CAMS_WEBHOOK_SECRET": c.CAMS.WebhookSecret.Reveal(), "BOT_ADMIN_TOKEN": c.AdminToken.Reveal(),
		}[s.Name]
		if got != want {
			t.Fatalf("%s: got %q, want %q", s.Name, got, want)
		}
	})
}

func dashed(flag, suffix string) string {
	if suffix == "" {
		return flag
	}
	return flag + "-" + suffix
}

func TestEmptyVariableCountsAsNotSet(t *testing.T) {
	c := mustLoad(t, Sources{Env: append(environ(goodEnv()), "BOT_DATA_DIR=", "BOT_NOT_OURS=")})
	if c.DataDir != "data" {
		t.Errorf("got %q", c.DataDir)
	}
}

func TestEmptyFlagTakesAVariableAway(t *testing.T) {
	c := mustLoad(t, Sources{
		Flags: map[string]string{"redis-url": ""}, Env: environ(with(map[string]string{"BOT_REDIS_URL": "redis://host"})),
	})
	if c.RedisURL != "" {
		t.Error("the variable won over the flag")
	}
}

func TestUnknownFlag(t *testing.T) {
	_, problems := Load(Sources{Flags: map[string]string{"lisen": "x"}, Env: environ(goodEnv()), ReadFile: noFiles})
	if got := lines(problems); got != "error: flag --lisen: is not a setting (did you mean listen?)\n" {
		t.Errorf("got %q", got)
	}
}
