package groupguard_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/policy"
)

var (
	codeFile = regexp.MustCompile("`((?:internal|cmd|test|schema|deploy)/[\\w./-]+|[\\w]+_test\\.go)`")
	// A function in code, beside the files that it may be in.
	funcName = regexp.MustCompile("`(\\w+)`")
	declared = `(?m)^func (\([^)]*\) )?`
)

// The tour leads past files and functions that exist: the functions of a row or of a bracket are in one of
// the files that stand before them.
func TestTheTourLeadsPastWhatExists(t *testing.T) {
	page := read(t, "docs/architecture.md")
	files := codeFile.FindAllStringSubmatch(page, -1)
	if len(files) < 40 {
		t.Fatalf("the tour names only %d files", len(files))
	}
	for _, m := range files {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("docs/architecture.md: %v", err)
		}
	}
	functions := 0
	check := func(where, fn string, in []string) {
		functions++
		found := false
		for _, f := range in {
			b, _ := os.ReadFile(f)
			found = found || regexp.MustCompile(declared+fn+`\b`).Match(b)
		}
		if !found {
			t.Errorf("docs/architecture.md: %s: there is no function %s in %v", where, fn, in)
		}
	}
	for _, row := range strings.Split(page, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) != 6 || !strings.Contains(cells[2], ".go") {
			continue
		}
		var in []string
		for _, m := range codeFile.FindAllStringSubmatch(cells[2], -1) {
			in = append(in, m[1])
		}
		for _, m := range funcName.FindAllStringSubmatch(cells[3], -1) {
			check("step"+cells[1], m[1], in)
		}
	}
	bracket := regexp.MustCompile("`([\\w/]+\\.go)`\\s\\(`(\\w+)`\\)|`([\\w/]+\\.go)`,\\s`(\\w+)`\\)")
	for _, m := range bracket.FindAllStringSubmatch(page, -1) {
		check("text", m[2]+m[4], []string{m[1] + m[3]})
	}
	if functions < 25 {
		t.Errorf("the tour names only %d functions", functions)
	}
}

// Every package stands in the table of packages: those that only help another one's tests do not.
func TestEveryPackageHasItsRow(t *testing.T) {
	page, found := read(t, "docs/design.md"), 0
	for _, p := range readModule(t) {
		name := p.path
		switch {
		case !strings.HasPrefix(name, "internal/"), strings.HasSuffix(name, "/gen"), name == "internal/provider", name == "internal/store":
			continue
		case strings.HasPrefix(name, "internal/policy/"), strings.HasSuffix(name, "/storetest"), strings.HasSuffix(name, "/redistest"):
			continue
		}
		found++
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/design.md does not say what %s owns", name)
		}
	}
	if found < 15 {
		t.Errorf("found only %d packages", found)
	}
}

var provedBy = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")

// Every test that a page names exists; the pages on security and on reliability name many.
func TestTestsOnPagesExist(t *testing.T) {
	there := map[string]bool{}
	for _, f := range testFiles(t) {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(read(t, f), -1) {
			there[m[1]] = true
		}
	}
	for _, page := range everyPage(t) {
		named := provedBy.FindAllStringSubmatch(read(t, page), -1)
		if many := page == "docs/security.md" || page == "docs/reliability.md"; many && len(named) < 25 {
			t.Errorf("%s names only %d tests", page, len(named))
		}
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("%s: there is no test %s", page, m[1])
			}
		}
	}
}

// Rules cannot have files read that do not lie below them.
func TestListFilesLieBelowTheRules(t *testing.T) {
	for name, fine := range map[string]bool{
		"lists/words.txt": true, "words.txt": true, "../words.txt": false, "lists/../../words.txt": false, "/etc/passwd": false, "lists/..": false,
	} {
		asked := ""
		rules, _ := policy.Load(policy.Source{
			Name: "rules.yaml",
			Data: []byte("version: 1\nlists: {bad: {kind: word, file: " + name + "}}\n" +
				"rules: [{id: r, on: message, when: {text: {has_any: bad}}, then: [remove: {}]}]\n"),
			ReadFile: func(name string) ([]byte, error) { asked = name; return []byte("coins\n"), nil },
		}, time.Now())
		if (rules != nil) != fine || (asked != "") != fine {
			t.Errorf("%s: loaded %t, asked for %q", name, rules != nil, asked)
		}
	}
}

var (
	calledAPI = regexp.MustCompile(`(?m)^\t(api\w+) += "(\w+)"$`)
	allowed   = regexp.MustCompile(`"cams:(\w+)"`)
	onDemand  = regexp.MustCompile("(?m)^\\| `cams:(\\w+)` \\|")
)

// The policy for newcomers allows what every bot calls, and no other call. Each further call that the client
// makes stands in the table below it, with the intent that needs it.
func TestThePolicyAllowsWhatIsCalled(t *testing.T) {
	list := func(re *regexp.Regexp) (out []string) {
		for _, m := range re.FindAllStringSubmatch(read(t, "docs/getting-started-cams.md"), -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return out
	}
	always := map[string]bool{"apiGroups": true, "apiMembers": true, "apiRemove": true}
	var needed, further []string
	for _, m := range calledAPI.FindAllStringSubmatch(read(t, "internal/provider/cams/apis.go"), -1) {
		if always[m[1]] {
			needed = append(needed, m[2])
		} else {
			further = append(further, m[2])
		}
	}
	slices.Sort(needed)
	slices.Sort(further)
	if policy := list(allowed); len(needed) != len(always) || !slices.Equal(needed, policy) {
		t.Errorf("every bot calls %v, and the policy allows %v", needed, policy)
	}
	if table := list(onDemand); len(further) == 0 || !slices.Equal(further, table) {
		t.Errorf("some rules need %v, and the table has %v", further, table)
	}
}

// testFiles returns all test files, those of the module test/ too.
func testFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{".", "cmd", "internal", "test"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && dir == "." && name != "." {
				return fs.SkipDir
			}
			if strings.HasSuffix(name, "_test.go") {
				out = append(out, path.Join(dir, name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
