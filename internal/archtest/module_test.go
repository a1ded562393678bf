package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// pkg is what `go list` tells about one package of this module.
type pkg struct {
	ImportPath   string
	Dir          string
	Name         string
	Doc          string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string // of the code
	TestImports  []string // of the tests inside the package
	XTestImports []string // of the tests beside it
	Deps         []string // everything the code reaches
}

// path returns the package's place in the module: "iam/gormstore"; "" is the module's root.
func (p pkg) path() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "dms"), "/") }

// allImports returns the imports of code and tests.
func (p pkg) allImports() []string {
	all := append([]string(nil), p.Imports...)
	all = append(all, p.TestImports...)
	return append(all, p.XTestImports...)
}

// ours returns the packages of this module among the imports, as places in the module.
func ours(imports []string) []string {
	var out []string
	for _, i := range imports {
		if rest, ok := strings.CutPrefix(i, "dms/"); ok {
			out = append(out, rest)
		}
	}
	return out
}

var load = sync.OnceValues(func() ([]pkg, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,Doc,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(stderr.String()))
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

// packages returns every package of this module.
func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := load()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// moduleRoot returns the folder of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// below reports whether place is the folder or inside it.
func below(place, folder string) bool { return place == folder || strings.HasPrefix(place, folder+"/") }

// module returns the first folder of a place: "iam" for "iam/gormstore".
func module(place string) string {
	first, _, _ := strings.Cut(place, "/")
	return first
}

// forTests reports whether the package exists for tests alone: storetest, enginetest, dbtest, clocktest, e2e ...
func forTests(p pkg) bool {
	for _, part := range strings.Split(p.path(), "/") {
		if strings.HasSuffix(part, "test") || part == "e2e" {
			return true
		}
	}
	return false
}
