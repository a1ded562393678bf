package dmsapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"dms/controlplane/dmsapi"
	"dms/controlplane/httpapi"
)

// TestDocumentIsTheWire compares the document of the dialects with the paths and methods of the wire, and with the actions of what is
// answered here.
func TestDocumentIsTheWire(t *testing.T) {
	b, err := httpapi.DMSOpenAPI()
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(b)
	require.NoError(t, err)
	param := regexp.MustCompile(`\{([a-z_]+)\}`)
	methods, actions := map[string]string{}, map[string]string{}
	rows := 0
	for path, item := range doc.Paths.Map() {
		path = param.ReplaceAllString(strings.TrimPrefix(path, "/{version}/{project_id}"), ":$1")
		var allow []string
		for _, m := range []string{"GET", "POST", "DELETE"} {
			if op := item.Operations()[m]; op != nil {
				allow = append(allow, m)
				actions[m+" "+path] = op.Extensions["x-action"].(string)
				rows++
			}
		}
		methods[path] = strings.Join(allow, ", ")
	}
	require.Equal(t, 19, rows)
	wire := dmsapi.WirePaths()
	// Two paths are other names of documented ones.
	require.Equal(t, wire["/queues/:queue_id/resourcePathGroups"], "GET")
	require.Equal(t, wire["/quotas/dms"], wire["/quotas"])
	delete(wire, "/queues/:queue_id/resourcePathGroups")
	delete(wire, "/quotas/dms")
	require.Equal(t, wire, methods)

	ops := dmsapi.Operations()
	require.Len(t, ops, 7)
	for _, op := range ops {
		require.Equal(t, actions[op[0]+" "+op[1]], op[2], "%v", op)
		require.True(t, slices.Contains(strings.Split(methods[op[1]], ", "), op[0]))
	}
}
