package archtest

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const maxLines = 800

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Name == "main" && p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment: a stranger should learn what a command is for before reading it", p.path())
		}
		if p.Name != "main" && len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, "Package "+p.Name) {
			t.Errorf("%s has no comment that begins with \"Package %s\": a stranger should learn what a package is for before reading it", p.path(), p.Name)
		}
	}
}

func TestRootsOfModulesSayWhatTheyOwn(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	for _, r := range roots {
		b, err := os.ReadFile(filepath.Join(root, r, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go: each module root says what it owns, what it does not own, and its invariants", r)
			continue
		}
		for _, word := range []string{"owns", "does not own", "invariants"} {
			if !strings.Contains(strings.ToLower(string(b)), word) {
				t.Errorf("%s/doc.go does not say %q: the borders of a module must be written where one enters it", r, word)
			}
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	eachFile(t, func(p pkg, path string, test bool) {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		lines := 0
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 16<<20)
		generated := false
		for sc.Scan() {
			lines++
			generated = generated || strings.HasPrefix(sc.Text(), "// Code generated ")
		}
		require.NoError(t, sc.Err())
		if lines > maxLines && !generated {
			t.Errorf("%s/%s has %d lines, more than %d: look for the noun that hides in it", p.path(), filepath.Base(path), lines, maxLines)
		}
	})
}

// TestTimeIsInjected looks for calls of time.Now and its kin. A component that reads the machine's clock cannot be tested across an
// hour, a month or a year.
func TestTimeIsInjected(t *testing.T) {
	// time.Until stays allowed: the deadline of a context is one of the machine's clock.
	inspect(t, map[string]bool{"Now": true, "Since": true}, "time", func(p pkg, test bool) bool {
		return test || forTests(p) || below(p.path(), "internal/clock") || module(p.path()) == "cmd" ||
			below(p.path(), "internal/dbtest") || strings.HasSuffix(p.path(), "/gen")
	}, "take a clock.Clock: a component that reads the machine's clock cannot be tested across an hour, a month or a crash")
}

// TestTestsDoNotSleep holds for all tests: a sleep is too short on a slow machine and too long on a fast one.
func TestTestsDoNotSleep(t *testing.T) {
	inspect(t, map[string]bool{"Sleep": true}, "time", func(pkg, bool) bool { return false },
		"wait on a signal or step a clocktest.Manual: a sleep is too short on a slow machine and too long on a fast one")
}

func TestTestsAreNotSkipped(t *testing.T) {
	eachFile(t, func(p pkg, path string, test bool) {
		if !test && !forTests(p) {
			return
		}
		for _, call := range callsOnAny(t, path, map[string]bool{"Skip": true, "Skipf": true, "SkipNow": true}) {
			t.Errorf("%s/%s: %s: a skipped test is a claim that nobody checks", p.path(), filepath.Base(path), call)
		}
	})
}

// TestEnvironmentIsReadAtTheTop finds components that read the environment themselves.
func TestEnvironmentIsReadAtTheTop(t *testing.T) {
	inspect(t, map[string]bool{"Getenv": true, "LookupEnv": true, "Environ": true}, "os", func(p pkg, test bool) bool {
		return test || forTests(p) || module(p.path()) == "cmd" || below(p.path(), "internal/dbtest")
	}, "environment and flags are read in cmd/dms only; components take options, so that two of them can live in one process")
}

// eachFile calls f for every Go file of the module.
func eachFile(t *testing.T, f func(p pkg, path string, test bool)) {
	t.Helper()
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			f(p, filepath.Join(p.Dir, name), false)
		}
		for _, name := range append(append([]string(nil), p.TestGoFiles...), p.XTestGoFiles...) {
			f(p, filepath.Join(p.Dir, name), true)
		}
	}
}

// inspect finds calls of the named functions of a standard package wherever they are not allowed.
func inspect(t *testing.T, names map[string]bool, imported string, allowed func(p pkg, test bool) bool, why string) {
	t.Helper()
	eachFile(t, func(p pkg, path string, test bool) {
		if allowed(p, test) {
			return
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		require.NoError(t, err)
		local := ""
		for _, i := range file.Imports {
			if i.Path.Value == `"`+imported+`"` {
				local = imported
				if i.Name != nil {
					local = i.Name.Name
				}
			}
		}
		if local == "" {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !names[sel.Sel.Name] {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				t.Errorf("%s/%s:%d uses %s.%s: %s", p.path(), filepath.Base(path), fset.Position(sel.Pos()).Line, imported, sel.Sel.Name, why)
			}
			return true
		})
	})
}

// callsOnAny returns the calls of methods with these names, whatever they are called on.
func callsOnAny(t *testing.T, path string, names map[string]bool) []string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	require.NoError(t, err)
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && names[sel.Sel.Name] {
			if x, ok := sel.X.(*ast.Ident); ok && (x.Name == "t" || x.Name == "b" || x.Name == "tb" || x.Name == "f") {
				found = append(found, x.Name+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return found
}
