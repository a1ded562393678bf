package archtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestMigrationsHaveTheSameNumbersAndNamesInBothDialects(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	names := func(dialect string) []string {
		paths, err := filepath.Glob(filepath.Join(root, "migrations", dialect, "*.sql"))
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		var out []string
		for _, p := range paths {
			out = append(out, filepath.Base(p))
		}
		return out
	}
	if d := cmp.Diff(names("sqlite"), names("postgres")); d != "" {
		t.Errorf("a version of the database must mean the same on SQLite and Postgres (-sqlite +postgres):\n%s", d)
	}
}

// TestInteropModulesStandAlone: the two SDK versions share one module path, so each lives in a module of its own.
func TestInteropModulesStandAlone(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	for _, m := range []string{"dmssdk", "iamsdk"} {
		_, err := os.Stat(filepath.Join(root, "internal", "interop", m, "go.mod"))
		require.NoError(t, err, "without its own go.mod the SDK becomes a dependency of the product")
	}
	for _, p := range packages(t) {
		for _, i := range p.allImports() {
			if hasPrefix(i, []string{"github.com/huaweicloud/"}) {
				t.Errorf("%s imports %s: the official SDKs are clients that test us from outside; we depend on none", p.path(), i)
			}
		}
	}
}
