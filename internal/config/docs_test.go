package config

import (
	"os"
	"strings"
	"testing"
)

// page renders the table of docs/settings.md.
func page() string {
	var b strings.Builder
	b.WriteString("| variable | flag, key in the file | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, s := range Settings() {
		name, preset := "`"+s.Name+"`", ""
		if s.Secret {
			name += " (secret)"
		}
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		b.WriteString("| " + name + " | `" + s.Flag + "` | " + preset + " | " + s.Help + " |\n")
	}
	return b.String()
}

func TestSettingsPageIsTheTable(t *testing.T) {
	got, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), page()) {
		t.Errorf("docs/settings.md should hold this table:\n%s", page())
	}
}

func TestExampleFileOfThePageLoads(t *testing.T) {
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no example")
	}
	secrets := map[string]string{"/run/secrets/redis-url": "redis://host\n"}
	c := mustLoad(t, Sources{File: []byte(example), FileName: "example", ReadFile: func(name string) ([]byte, error) {
		if text, ok := secrets[name]; ok {
			return []byte(text), nil
		}
		return []byte(goodSecret + "\n"), nil
	}})
	if c.Tencent.Endpoint != "singapore" || c.Tencent.SecretKey != goodSecret || len(c.CAMS.Groups) != 2 || c.RedisURL != "redis://host" {
		t.Errorf("got %+v", c)
	}
}
