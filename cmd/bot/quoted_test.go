package main

import (
	"os/exec"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// Whoever may make a group chooses its ID. A command that holds it is one that operators copy.
func TestACommandToCopyRunsNothingElse(t *testing.T) {
	group := chat.Group{Provider: chat.Tencent, ID: `'; echo pwned; '$(echo pwned)"`}
	line := resumeCommand(&chat.Pause{Rule: "words", Group: &group})
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `bot() { for w in "$@"; do echo "[$w]"; done; }; `+line).Output()
	if want := "[resume]\n[words]\n[--group]\n[tencent:" + string(group.ID) + "]\n"; err != nil || string(out) != want {
		t.Errorf("%s\nis read as %q (%v), want %q", line, out, err, want)
	}
}
