package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bot": main})
}

// TestScripts runs bot as its users do.
func TestScripts(t *testing.T) {
	sample, err := filepath.Abs("../../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Deadline: time.Now().Add(4 * time.Minute), Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"stock": stockCmd, "page": pageCmd,
	}, Setup: func(e *testscript.Env) error {
		e.Setenv("SAMPLE", sample)
		e.Setenv("SCHEMA", filepath.Join(filepath.Dir(sample), "schema", "rules.schema.json"))
		e.Setenv("TZ", "UTC")
		e.Setenv("OPERATIONS", filepath.Join(filepath.Dir(sample), "docs", "operations.md"))
		for name, code := range stocked {
			e.Setenv(name, code)
		}
		return nil
	}})
}

func TestEverySettingIsAFlag(t *testing.T) {
	f := newRunFlags()
	seen := map[string]bool{}
	for _, name := range f.names {
		if seen[name] {
			t.Errorf("flag --%s stands twice", name)
		}
		seen[name] = true
	}
	for _, name := range []string{"config", "listen", "tencent-secret-key", "tencent-secret-key-file", "cams-groups", "dry-run"} {
		if !seen[name] {
			t.Errorf("flag --%s is missing", name)
		}
	}
	if given := f.given(); len(given) != 0 {
		t.Errorf("flags that nobody gave: %v", given)
	}
}
