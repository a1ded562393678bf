package httpapi

import (
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"dms/dataplane/httpapi/gen"
	"dms/internal/httpserve"
)

func TestTableSaysWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	doc, err := gen.GetSpec()
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "dataplane", Table()))
}

func TestEveryGeneratedRouteIsInTheTable(t *testing.T) {
	t.Parallel()
	e := gin.New()
	Register(e, nil, httpserve.Gate{})
	require.Len(t, e.Routes(), len(operations))
	for _, r := range e.Routes() {
		require.Contains(t, operations, r.Method+" "+r.Path)
	}
}
