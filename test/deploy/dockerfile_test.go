package deploy

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one line of a Dockerfile.
type instruction struct {
	name  string
	args  string
	stage string // the name of the stage, or its number
	from  string // the image or stage that the stage begins with
}

// dockerfile reads the Dockerfile as far as this project uses the language.
func dockerfile(t *testing.T) []instruction {
	t.Helper()
	var out []instruction
	stage, from := "", ""
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(read(t, "Dockerfile"), "")
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			continue
		}
		if name == "FROM" {
			words := strings.Fields(args)
			words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "--") })
			stage, from = "last", words[0]
			if len(words) == 3 && words[1] == "AS" {
				stage = words[2]
			}
		}
		out = append(out, instruction{name, strings.TrimSpace(args), stage, from})
	}
	return out
}

func of(all []instruction, stage, name string) []string {
	var out []string
	for _, i := range all {
		if i.stage == stage && i.name == name {
			out = append(out, i.args)
		}
	}
	return out
}

func TestDockerfile(t *testing.T) {
	all := dockerfile(t)
	for _, i := range all {
		if i.name == "FROM" && i.from != "scratch" && !pinned.MatchString(i.from) && !slices.ContainsFunc(all, func(o instruction) bool { return o.stage == i.from && o.stage != i.stage }) {
			t.Errorf("the image %s is not pinned", i.from)
		}
	}
	if strings.HasPrefix(read(t, "Dockerfile"), "# syntax=") {
		t.Error("the first line would have a frontend fetched")
	}
	for _, i := range all {
		if (i.stage == "last" || i.stage == "release") && i.name == "FROM" && i.from != "base" {
			t.Errorf("the stage %s begins with %s", i.stage, i.from)
		}
		if i.stage == "base" && i.name == "FROM" && i.from != "scratch" {
			t.Errorf("the image is not empty but %s", i.from)
		}
		if (i.stage == "base" || i.stage == "last" || i.stage == "release") && i.name == "RUN" {
			t.Errorf("an empty image cannot run %s", i.args)
		}
	}
	if user := of(all, "base", "USER"); !slices.Equal(user, []string{account + ":" + account}) {
		t.Errorf("the account is %q", user)
	}
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		var exec []string
		if args := of(all, "base", name); len(args) != 1 || json.Unmarshal([]byte(args[0]), &exec) != nil {
			t.Errorf("%s is not in exec form: %q", name, args)
		}
	}
	if check := of(all, "base", "HEALTHCHECK"); len(check) != 1 || !strings.HasSuffix(check[0], `CMD ["/bot", "healthcheck"]`) {
		t.Errorf("the healthcheck is %q", check)
	}
	variables := map[string]string{}
	for _, args := range of(all, "base", "ENV") {
		for _, pair := range strings.Fields(args) {
			name, value, _ := strings.Cut(pair, "=")
			variables[name] = value
		}
	}
	checkVariables(t, "Dockerfile", variables)
	for _, want := range []string{"CGO_ENABLED=0", "GOOS=$TARGETOS", "GOARCH=$TARGETARCH", "-trimpath"} {
		if !strings.Contains(strings.Join(of(all, "build", "RUN"), "\n"), want) {
			t.Errorf("the build lacks %s", want)
		}
	}
	if _, version, _ := strings.Cut(of(all, "tools", "FROM")[0], "golang:"); !strings.Contains(read(t, ".github/workflows/ci.yaml"), "go-version: "+strings.Split(version, "-")[0]+"\n") {
		t.Errorf("the image is built by Go %s, and the workflow has another one", version)
	}
}

// ignored tells whether .dockerignore keeps a file from the builder. It knows what this project uses of
// that file's language: names, and patterns without a slash.
func ignored(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name)
		return ok || strings.HasPrefix(name, p+"/")
	})
}

// buildContext copies what docker build is sent.
func buildContext(t *testing.T) string {
	t.Helper()
	var patterns []string
	for _, line := range strings.Split(read(t, ".dockerignore"), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, line)
		}
	}
	dir := t.TempDir()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		switch {
		case err != nil:
			return err
		case name != "." && ignored(patterns, filepath.ToSlash(name)):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, name), 0o755)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// built builds the binary as the Dockerfile does, from what the builder is sent, and returns its path.
func built(t *testing.T) string {
	t.Helper()
	dir := buildContext(t)
	for _, secret := range []string{".env", ".git", "secrets", "data", live} {
		if _, err := os.Stat(filepath.Join(dir, secret)); err == nil {
			t.Errorf("the builder is sent %s", secret)
		}
	}
	out := filepath.Join(t.TempDir(), "bot")
	for _, line := range of(dockerfile(t), "build", "RUN") {
		if !strings.Contains(line, "go build") {
			continue
		}
		c := exec.Command("sh", "-c", strings.ReplaceAll(line, "/out/bot", out))
		c.Dir = dir
		c.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH=amd64", "GOWORK=off")
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, said)
		}
	}
	return out
}
