package groupguard_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/groupguard/groupguard"

// readModule reads the imports and uses of every package, without tests. Files that a build
// constraint leaves out are left out here.
func readModule(t *testing.T) []*source {
	t.Helper()
	packages := map[string]*source{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skip := file == "test" || file == "tools" || d.Name() == "testdata"; skip || (file != "." && strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		dir, name := filepath.Split(file)
		if built, err := build.Default.MatchFile(dir, name); err != nil || !built {
			return err
		}
		pkg := path.Clean(filepath.ToSlash(dir))
		if packages[pkg] == nil {
			packages[pkg] = &source{path: pkg, calls: map[string][]string{}}
		}
		return packages[pkg].add(file)
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []*source
	for _, p := range packages {
		out = append(out, p)
	}
	return out
}

// add reads one file into the package.
func (p *source) add(file string) error {
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	paths := map[string]string{} // import paths by the name that they have in the file
	for _, spec := range tree.Imports {
		what, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		name := path.Base(what)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		paths[name] = what
		if ours, ok := strings.CutPrefix(what, module+"/"); ok {
			what = "./" + ours
		}
		if !slices.Contains(p.imports, what) {
			p.imports = append(p.imports, what)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if use, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := use.X.(*ast.Ident); ok && paths[x.Name] != "" {
				p.calls[paths[x.Name]] = append(p.calls[paths[x.Name]], use.Sel.Name)
			}
		}
		return true
	})
	return nil
}
