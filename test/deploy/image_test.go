package deploy

import (
	"debug/elf"
	"os/exec"
	"strings"
	"testing"
)

// TestImage builds the binary as the Dockerfile does, and looks at what the image and the demo of
// docker-compose.yml rest on.
func TestImage(t *testing.T) {
	bot := built(t)
	t.Run("the binary needs nothing", func(t *testing.T) { needsNothing(t, bot) })
	t.Run("the demo plays", func(t *testing.T) { demoPlays(t, bot) })
	t.Run("the simulator is a stranger to the real one", func(t *testing.T) { strangerIsRefused(t, bot) })
}

// The image has nothing but the binary: it must not need a loader, a library or a file of time zones.
func needsNothing(t *testing.T, bot string) {
	file, err := elf.Open(bot)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has a segment %s", p.Type)
		}
	}
	c := exec.Command(bot, "version")
	c.Env = []string{}
	out, err := c.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "groupguard ") {
		t.Errorf("bot version: %q, %v", out, err)
	}
}
