package dmsapi

import (
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/internal/access"
	"dms/internal/httpserve"
)

func TestEveryOperationIsServedUnderBothVersionsWithTheProjectOnceAndTwice(t *testing.T) {
	t.Parallel()
	e := gin.New()
	Register(e, nil, httpserve.Gate{})
	routes := map[string]bool{}
	for _, r := range e.Routes() {
		routes[r.Method+" "+r.Path] = true
	}
	require.Len(t, operations, 14, "rows 2, 3, 6 and its alias, 8 to 12, 13 twice, 15, 16, 19")
	require.Len(t, routes, 14*4)
	for _, op := range operations {
		for _, prefix := range []string{"/v1.0/:project_id", "/v1.0/:project_id/:project_again", "/v2/:project_id", "/v2/:project_id/:project_again"} {
			require.True(t, routes[op.method+" "+prefix+op.path], op.path)
		}
	}
}

func TestEveryOperationHasAnAction(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		require.NotEmpty(t, op.action, op.path)
		require.NotContains(t, []access.Action{access.Public, access.Self}, op.action, op.path)
		require.NotNil(t, op.handle, op.path)
	}
}

func TestPathsOfTheWireAreKnown(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/v1.0/p/queues": true, "/v2/p": true, "/v2/": false, "/v2": false, "/v3/auth/tokens": false, "/v1.0x/p": false, "/v20/p": false, "/": false, "": false,
	} {
		require.Equal(t, want, IsPath(path), path)
	}
}

func TestCountersOfV2AreClamped(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 2147483647, v2.counter(2147483647))
	require.EqualValues(t, 2147483647, v2.counter(2147483648))
	require.EqualValues(t, 2147483648, v1.counter(2147483648))
}
