package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
)

// releaser is what is used of GoReleaser's settings. A key that is not here is an error.
type releaser struct {
	Version int    `yaml:"version"`
	Project string `yaml:"project_name"`
	Before  struct {
		Hooks []string `yaml:"hooks"`
	} `yaml:"before"`
	Builds []struct {
		ID           string   `yaml:"id"`
		Main         string   `yaml:"main"`
		Binary       string   `yaml:"binary"`
		Env          []string `yaml:"env"`
		GOOS         []string `yaml:"goos"`
		GOARCH       []string `yaml:"goarch"`
		Flags        []string `yaml:"flags"`
		Ldflags      []string `yaml:"ldflags"`
		ModTimestamp string   `yaml:"mod_timestamp"`
	} `yaml:"builds"`
	Archives []struct {
		ID    string   `yaml:"id"`
		IDs   []string `yaml:"ids"`
		Forms []string `yaml:"formats"`
		Name  string   `yaml:"name_template"`
		Wrap  bool     `yaml:"wrap_in_directory"`
		Files []string `yaml:"files"`
	} `yaml:"archives"`
	Checksum struct {
		Name      string `yaml:"name_template"`
		Algorithm string `yaml:"algorithm"`
	} `yaml:"checksum"`
	SBOMs       []tool `yaml:"sboms"`
	Signs       []tool `yaml:"signs"`
	DockerSigns []tool `yaml:"docker_signs"`
	Dockers     []struct {
		ID         string            `yaml:"id"`
		IDs        []string          `yaml:"ids"`
		Images     []string          `yaml:"images"`
		Tags       []string          `yaml:"tags"`
		Platforms  []string          `yaml:"platforms"`
		Dockerfile string            `yaml:"dockerfile"`
		Flags      []string          `yaml:"flags"`
		BuildArgs  map[string]string `yaml:"build_args"`
		SBOM       bool              `yaml:"sbom"`
	} `yaml:"dockers_v2"`
	Changelog map[string]bool `yaml:"changelog"`
	Release   struct {
		GitHub     map[string]string `yaml:"github"`
		Draft      bool              `yaml:"draft"`
		Prerelease string            `yaml:"prerelease"`
		Header     string            `yaml:"header"`
	} `yaml:"release"`
}

// tool is a program that lists or signs what was made.
type tool struct {
	ID        string   `yaml:"id"`
	Artifacts string   `yaml:"artifacts"`
	Cmd       string   `yaml:"cmd"`
	Signature string   `yaml:"signature"`
	Args      []string `yaml:"args"`
	Output    bool     `yaml:"output"`
}

func TestRelease(t *testing.T) {
	var r releaser
	strict(t, ".goreleaser.yaml", &r)
	for _, b := range r.Builds {
		if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") || b.ModTimestamp == "" {
			t.Errorf("the build %s is not static, or not the same each time", b.ID)
		}
		if _, err := os.Stat(filepath.Join(root, b.Main)); err != nil {
			t.Error(err)
		}
	}
	for _, a := range r.Archives {
		for _, pattern := range a.Files {
			// filepath.Glob knows no **: what stands before it has to be a folder with something in it.
			if found, err := filepath.Glob(filepath.Join(root, strings.TrimSuffix(pattern, "/**/*"), "/")); err != nil || len(found) == 0 {
				t.Errorf("nothing fits %s", pattern)
			}
		}
		for _, need := range []string{"README.md", "LICENSE", "rules.yaml"} {
			if !slices.Contains(a.Files, need) {
				t.Errorf("the archives lack %s", need)
			}
		}
	}
	stages := map[string]bool{}
	arguments := map[string]bool{}
	for _, i := range dockerfile(t) {
		stages[i.stage] = true
		if i.name == "ARG" {
			name, _, _ := strings.Cut(i.args, "=")
			arguments[name] = true
		}
	}
	for _, d := range r.Dockers {
		if len(d.Platforms) < 2 || slices.Contains(d.Tags, "latest") {
			t.Errorf("the image is for %q, with the tags %q", d.Platforms, d.Tags)
		}
		for _, f := range d.Flags {
			if target, ok := strings.CutPrefix(f, "--target="); ok && !stages[target] {
				t.Errorf("the Dockerfile has no stage %s", target)
			}
		}
		for name := range d.BuildArgs {
			if !arguments[name] {
				t.Errorf("the Dockerfile has no argument %s", name)
			}
		}
	}
	if len(r.SBOMs) == 0 || len(r.Signs) == 0 || len(r.DockerSigns) == 0 || r.Checksum.Name == "" {
		t.Error("a release lacks lists of contents, signatures or checksums")
	}
	release := workflows(t)["release.yaml"].Jobs["release"]
	for _, name := range []string{"id-token", "contents", "packages"} {
		if release.Permissions[name] != "write" {
			t.Errorf("the workflow may not write %s", name)
		}
	}
}

// A release has a tag of its own and moves that of its line; a candidate has only its own. GoReleaser leaves out
// tags that are empty.
func TestCandidatesMoveNoTag(t *testing.T) {
	type version struct{ Version, Tag, Major, Minor, Patch, Prerelease string }
	var r releaser
	strict(t, ".goreleaser.yaml", &r)
	if len(r.Dockers) == 0 {
		t.Fatal("there is no image")
	}
	for _, tt := range []struct {
		version
		want []string
	}{
		{version{"1.2.1", "v1.2.1", "1", "2", "1", ""}, []string{"1.2.1", "1.2"}},
		{version{"1.2.1-rc.1", "v1.2.1-rc.1", "1", "2", "1", "rc.1"}, []string{"1.2.1-rc.1"}},
	} {
		for _, d := range r.Dockers {
			var got []string
			for _, tag := range d.Tags {
				var b strings.Builder
				if err := template.Must(template.New("").Option("missingkey=error").Parse(tag)).Execute(&b, tt.version); err != nil {
					t.Fatal(err)
				}
				if b.Len() > 0 {
					got = append(got, b.String())
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: the tags are %q, want %q", tt.Tag, got, tt.want)
			}
		}
	}
}
