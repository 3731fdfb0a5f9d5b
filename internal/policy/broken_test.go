package policy

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the problems that are found as the expected ones")

// testNow is the time at which test files are loaded.
var testNow = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// TestBrokenFiles loads each file of testdata/broken, and wants the errors and warnings that stand
// in the file of the same name that ends with .txt.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rules, problems := Load(Source{Name: name + ".yaml", Data: data, ReadFile: func(string) ([]byte, error) {
				return nil, errors.New("no such file")
			}}, testNow)
			var got strings.Builder
			for _, p := range problems {
				if p.Severity != SeverityNote {
					got.WriteString(p.String() + "\n")
				}
			}
			if (rules == nil) != HasErrors(problems) {
				t.Errorf("rules %v with problems\n%s", rules, got.String())
			}
			txt := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(txt, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(txt)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) || got.Len() == 0 {
				t.Errorf("found\n%swant\n%s", got.String(), want)
			}
		})
	}
}
