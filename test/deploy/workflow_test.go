package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what is used of a GitHub workflow. A key that is not here is an error.
type workflow struct {
	Name        string            `yaml:"name"`
	On          yaml.Node         `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Concurrency map[string]string `yaml:"concurrency"`
	Jobs        map[string]struct {
		If          string            `yaml:"if"`
		Needs       string            `yaml:"needs"`
		RunsOn      string            `yaml:"runs-on"`
		Timeout     int               `yaml:"timeout-minutes"`
		Permissions map[string]string `yaml:"permissions"`
		Steps       []struct {
			If   string            `yaml:"if"`
			Uses string            `yaml:"uses"`
			With map[string]string `yaml:"with"`
			Env  map[string]string `yaml:"env"`
			Run  string            `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

func strict(t *testing.T, name string, out any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(read(t, name)))
	d.KnownFields(true)
	if err := d.Decode(out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no workflows (%v)", err)
	}
	out := map[string]workflow{}
	for _, f := range files {
		var w workflow
		strict(t, filepath.Join(".github/workflows", filepath.Base(f)), &w)
		out[filepath.Base(f)] = w
	}
	return out
}

var (
	byCommit = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	program  = regexp.MustCompile(`(?:^|[ ;&|])((?:\./|\.ci/|deploy/|cmd/)[\w./-]+)`)
)

func TestWorkflows(t *testing.T) {
	for name, w := range workflows(t) {
		if !mayOnlyRead(w.Permissions) || w.Concurrency["group"] == "" {
			t.Errorf("%s may do %v, and runs beside others in %q", name, w.Permissions, w.Concurrency["group"])
		}
		for id, job := range w.Jobs {
			if job.Timeout == 0 || strings.HasSuffix(job.RunsOn, "latest") {
				t.Errorf("%s: %s runs on %q for %d minutes", name, id, job.RunsOn, job.Timeout)
			}
			if _, ok := w.Jobs[job.Needs]; job.Needs != "" && !ok {
				t.Errorf("%s: %s needs %q", name, id, job.Needs)
			}
			if job.Permissions != nil && (name != "release.yaml" || id != "release") {
				t.Errorf("%s: %s may do %v", name, id, job.Permissions)
			}
			for _, s := range job.Steps {
				if s.Uses != "" && !byCommit.MatchString(s.Uses) {
					t.Errorf("%s: %s is not pinned by its commit", name, s.Uses)
				}
				if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != "false" {
					t.Errorf("%s: %s leaves its token in the checkout", name, id)
				}
				for _, m := range program.FindAllStringSubmatch(s.Run, -1) {
					if info, err := os.Stat(filepath.Join(root, m[1])); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
						t.Errorf("%s: %s runs %s, which cannot be run (%v)", name, id, m[1], err)
					}
				}
				if strings.Contains(s.Run, "${{") {
					t.Errorf("%s: a text from outside becomes part of the command %q", name, s.Run)
				}
				if _, verb, ok := strings.Cut(s.Run, "make "); ok && !strings.Contains(read(t, "Makefile"), "\n"+strings.Fields(verb)[0]+":") {
					t.Errorf("%s: there is no %q in the Makefile", name, s.Run)
				}
			}
		}
	}
	ci := workflows(t)["ci.yaml"]
	if !slices.ContainsFunc(ci.Jobs["check"].Steps, func(s struct {
		If   string            `yaml:"if"`
		Uses string            `yaml:"uses"`
		With map[string]string `yaml:"with"`
		Env  map[string]string `yaml:"env"`
		Run  string            `yaml:"run"`
	}) bool {
		return s.Run == ".ci/run"
	}) {
		t.Error("a change is not checked by .ci/run")
	}
}

func mayOnlyRead(permissions map[string]string) bool {
	for _, p := range permissions {
		if p != "read" {
			return false
		}
	}
	return permissions != nil
}

func TestDependabot(t *testing.T) {
	var d struct {
		Version int `yaml:"version"`
		Updates []struct {
			Ecosystem   string         `yaml:"package-ecosystem"`
			Directory   string         `yaml:"directory"`
			Directories []string       `yaml:"directories"`
			Schedule    map[string]any `yaml:"schedule"`
			Groups      map[string]any `yaml:"groups"`
		} `yaml:"updates"`
	}
	strict(t, ".github/dependabot.yml", &d)
	file := map[string]string{
		"gomod": "go.mod", "npm": "package-lock.json", "docker": "Dockerfile", "docker-compose": "docker-compose.yml", "github-actions": ".github/workflows",
	}
	for _, u := range d.Updates {
		for _, dir := range append(u.Directories, u.Directory) {
			if _, err := os.Stat(filepath.Join(root, dir, file[u.Ecosystem])); dir != "" && err != nil {
				t.Errorf("%s: %v", u.Ecosystem, err)
			}
		}
	}
	if len(d.Updates) != len(file) {
		t.Errorf("%d of %d kinds of dependencies are looked after", len(d.Updates), len(file))
	}
}
