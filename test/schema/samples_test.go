package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// collect returns every rules file of the repository: the shipped one, the broken ones, the examples
// in the documentation, and those that stand in tests.
func collect(t *testing.T) map[string][]byte {
	t.Helper()
	samples := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == ".git" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			return err
		}
		switch {
		case strings.HasSuffix(path, "_test.go"):
			return inCode(path, samples)
		case filepath.Ext(path) == ".md":
			return inPage(path, samples)
		case filepath.Ext(path) == ".txtar":
			return inArchive(path, samples)
		case d.Name() == "rules.yaml" || strings.Contains(filepath.ToSlash(path), "testdata/broken/") && filepath.Ext(path) == ".yaml":
			data, err := os.ReadFile(path)
			samples[path] = data
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// isRules tells whether a text is meant as a rules file.
func isRules(text string) bool {
	return regexp.MustCompile(`(?m)^version: *1 *$`).MatchString(text) && strings.Contains(text, "rules:")
}

// inCode adds the rules files that stand as literals in a test.
func inCode(path string, samples map[string][]byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil // a template, or a sample of broken code
	}
	ast.Inspect(file, func(n ast.Node) bool {
		l, ok := n.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(l.Value); err == nil && isRules(text) && !strings.Contains(text, "%s") && whole(text) {
			samples[fmt.Sprintf("%s:%d", path, l.Pos())] = []byte(text)
		}
		return true
	})
	return nil
}

// whole tells whether a literal is a file, and not the beginning of one that is put together.
func whole(text string) bool {
	i := strings.LastIndex(text, "rules:")
	return strings.TrimSpace(text[i+len("rules:"):]) != "" && strings.Contains(text[i:], "id:") && !regexp.MustCompile(`\[[A-Z]+\]`).MatchString(text)
}

// inPage adds the examples of a page.
func inPage(path string, samples map[string][]byte) error {
	data, err := os.ReadFile(path)
	for i, m := range regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```").FindAllSubmatch(data, -1) {
		if isRules(string(m[1])) {
			samples[fmt.Sprintf("%s#%d", path, i+1)] = m[1]
		}
	}
	return err
}

// inArchive adds the rules files of a script test.
func inArchive(path string, samples map[string][]byte) error {
	data, err := os.ReadFile(path)
	for i, part := range regexp.MustCompile(`(?m)^-- \S+ --$`).Split(string(data), -1) {
		if i > 0 && isRules(part) {
			samples[fmt.Sprintf("%s#%d", path, i)] = []byte(part)
		}
	}
	return err
}
