package billing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Money in binary floating point loses cents sooner or later, so no float may appear in this module, in tests neither. Package
// metrics is left out: it shows numbers of events to Prometheus, which knows nothing but floats.
func TestNoFloatAnywhere(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if path == "metrics" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				for _, word := range []string{"float32", "float64", "NewFromFloat", "NewFromFloat32", "InexactFloat64", "Float64"} {
					if n.Name == word {
						t.Errorf("%s: %s", set.Position(n.Pos()), word)
					}
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 20, "the whole module was read")
}

// A window ends where the next begins; an end of ...59.999999 would lose what happens after it.
func TestNoPeriodEndsJustBeforeTheHour(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && (strings.Contains(lit.Value, "59.9") || strings.Contains(lit.Value, "999999")) {
				t.Errorf("%s: %s", path, lit.Value)
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
}
