package archtest

import (
	"slices"
	"strings"
	"testing"
)

// The roots of the modules hold the language and the rules of the product.
var roots = []string{"iam", "billing", "controlplane", "dataplane"}

// family says which technology an import belongs to.
type family struct {
	name     string
	prefixes []string
	allowed  func(p pkg) bool
	why      string
}

func last(p pkg) string { return p.path()[strings.LastIndex(p.path(), "/")+1:] }

var families = []family{
	{
		name:     "gorm",
		prefixes: []string{"gorm.io/", "github.com/glebarez/sqlite"},
		allowed: func(p pkg) bool {
			return last(p) == "gormstore" || slices.Contains([]string{"internal/dbx", "internal/dbtest"}, p.path())
		},
		why: "a service says what must be atomic, only a gormstore says how: no gorm type leaves it, and another store could take its place",
	},
	{
		name:     "gin",
		prefixes: []string{"github.com/gin-gonic/"},
		allowed: func(p pkg) bool {
			return strings.HasSuffix(last(p), "api") || strings.HasSuffix(p.path(), "api/gen") ||
				below(p.path(), "internal/httpserve") || below(p.path(), "cmd/dms")
		},
		why: "HTTP belongs to the wire packages; everything else must be callable without it",
	},
	{
		name:     "casbin",
		prefixes: []string{"github.com/casbin/"},
		allowed:  func(p pkg) bool { return below(p.path(), "iam/casbinauthz") },
		why:      "the policy engine is one implementation of access.Authorizer, and the only place that knows how it must be used safely",
	},
	{
		name:     "pebble",
		prefixes: []string{"github.com/cockroachdb/pebble"},
		allowed: func(p pkg) bool {
			return below(p.path(), "dataplane/engine/pebbleengine") || below(p.path(), "dataplane/engine/seglog") || below(p.path(), "dataplane/nodestore") || below(p.path(), "dataplane/fence") || forTests(p) || below(p.path(), "cmd/dms")
		},
		why: "every durable change of state goes through the engine's one commit seam, or the node's own small store",
	},
	{
		name:     "goose",
		prefixes: []string{"github.com/pressly/goose"},
		allowed:  func(p pkg) bool { return p.path() == "migrations" },
		why:      "the schema changes in one place",
	},
	{
		name:     "cobra and koanf",
		prefixes: []string{"github.com/spf13/", "github.com/knadh/"},
		allowed:  func(p pkg) bool { return below(p.path(), "cmd/dms") },
		why:      "environment, flags and files are read in the composition root only; components take options",
	},
}

// TestTechnologiesStayInTheirPackages looks at code alone: tests wire the real parts together wherever they need them.
func TestTechnologiesStayInTheirPackages(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range families {
			for _, i := range p.Imports {
				if hasPrefix(i, f.prefixes) && !f.allowed(p) {
					t.Errorf("%s imports %s: %s may not be used here, because %s", p.path(), i, f.name, f.why)
				}
			}
		}
	}
}

func TestRootsOfModulesKnowNoTechnology(t *testing.T) {
	forbidden := []string{"net/http", "github.com/gin-gonic/", "gorm.io/", "github.com/casbin/", "database/sql", "github.com/jackc/"}
	for _, p := range packages(t) {
		if !slices.Contains(roots, p.path()) {
			continue
		}
		for _, i := range p.Imports {
			if hasPrefix(i, forbidden) {
				t.Errorf("%s imports %s: the root of a module is its language, its rules and the interfaces it needs; one technology or one wire is a "+
					"subpackage, so that the rules can be read, tested and kept without it", p.path(), i)
			}
		}
	}
}

func TestModulesMeetOnlyInTheCompositionRoot(t *testing.T) {
	// What a module may import besides itself and internal.
	may := map[string][]string{
		"iam":          nil,
		"billing":      nil,
		"dataplane":    nil,
		"controlplane": {"dataplane"}, // its root alone: the facts about queues that nodes need
		"migrations":   nil,
		"web":          nil,
		"internal":     nil,
	}
	for _, p := range packages(t) {
		if module(p.path()) == "cmd" {
			continue
		}
		others, known := may[module(p.path())]
		if !known {
			t.Errorf("%s is in no module of the architecture: a new top folder is a decision, see docs/ARCHITECTURE.md", p.path())
			continue
		}
		for _, i := range ours(p.allImports()) {
			if below(i, module(p.path())) || below(i, "internal") || slices.Contains(others, i) || allowedAcross(p, i) {
				continue
			}
			t.Errorf("%s imports %s: iam, billing, controlplane and dataplane must be replaceable and testable alone. Declare a small interface where you need "+
				"it and let cmd/dms wire it; what two modules share is a leaf package in internal", p.path(), i)
		}
	}
}

// allowedAcross lists the exceptions, each with its reason.
func allowedAcross(p pkg, imported string) bool {
	// A fresh test database is a migrated one.
	return below(p.path(), "internal/dbtest") && imported == "migrations"
}

func TestNothingImportsTheComposition(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range ours(p.allImports()) {
			if below(i, "cmd") && !below(p.path(), "cmd") {
				t.Errorf("%s imports %s: the composition root knows everybody, so nobody may know it", p.path(), i)
			}
		}
	}
}

func TestStoresAreKnownOnlyWhereThingsAreWired(t *testing.T) {
	for _, p := range packages(t) {
		if module(p.path()) == "cmd" || last(p) == "gormstore" || forTests(p) {
			continue
		}
		for _, i := range ours(p.Imports) {
			if strings.HasSuffix(i, "/gormstore") {
				t.Errorf("%s imports %s: it must work with any store that passes the suite; take the interface", p.path(), i)
			}
		}
	}
}

func TestTestCodeStaysOutOfTheBinary(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "dms/cmd/dms" {
			continue
		}
		for _, d := range p.Deps {
			rest, mine := strings.CutPrefix(d, "dms/")
			if d == "testing" || strings.HasPrefix(d, "github.com/stretchr/testify") || strings.HasPrefix(d, "github.com/google/go-cmp") ||
				strings.HasPrefix(d, "pgregory.net/rapid") || mine && forTests(pkg{ImportPath: "dms/" + rest}) {
				t.Errorf("the binary contains %s: test helpers take shortcuts that must not run in production", d)
			}
		}
	}
}

func hasPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return s == p || strings.HasPrefix(s, p) && (strings.HasSuffix(p, "/") || s[len(p)] == '/')
	})
}
