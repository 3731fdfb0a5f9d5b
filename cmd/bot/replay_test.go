package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// waiting is an input that gives something, and then nothing any more. It ends the context when it is
// asked again, as somebody does who is tired of waiting.
type waiting struct {
	text string
	stop func()
	end  chan struct{}
}

func (w *waiting) Read(b []byte) (int, error) {
	if w.text == "" {
		w.stop()
		<-w.end
		return 0, io.EOF
	}
	n := copy(b, w.text)
	w.text = w.text[n:]
	return n, nil
}

func TestCommandsThatWaitForInputCanBeStopped(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	text := "version: 1\nrules:\n  - {id: a, on: message, when: {text: {has_any: [x]}}, then: [{remove: {}}]}\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	event := `{"at":"2026-11-20T09:00:00Z","group":"g","kind":"message","member":"m","text":"x"}` + "\n"
	for command, want := range map[string]string{"replay": "interrupted after 1 event", "explain": "interrupted: reading stdin"} {
		t.Run(command, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in := &waiting{text: event + `{"at":`, stop: cancel, end: make(chan struct{})}
			defer close(in.end)
			var out, problems bytes.Buffer
			code := run(ctx, []string{command, "--rules", rules, "-"}, process{stdin: in, stdout: &out, stderr: &problems})
			if code != exitInterrupted || !strings.Contains(problems.String(), want) {
				t.Errorf("exit code %d: %s", code, problems.String())
			}
			if command == "replay" && !strings.Contains(out.String(), `rule "a" (shadow, as if enforced): 1 hit, 1 member, 1 group`) {
				t.Errorf("what was read is not reported:\n%s", out.String())
			}
		})
	}
}
