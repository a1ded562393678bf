package httpapi_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"dms/controlplane"
	"dms/controlplane/httpapi"
	"dms/internal/errs"
	"dms/internal/httpserve"
)

func TestRouteTableIsTheDocuments(t *testing.T) {
	require.NoError(t, httpserve.CheckTable(httpapi.OwnDocument(), "controlplane", httpapi.Table()))

	all, err := httpapi.OpenAPI()
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(all)
	require.NoError(t, err)
	require.NoError(t, httpserve.CheckTable(doc, "controlplane", httpapi.Table()), "the generated part is that of the whole document")

	wrong := httpapi.Table()
	delete(wrong, "GET /api/v1/regions")
	wrong["GET /api/v1/service"], wrong["GET /api/v1/nothing"] = "dms:queue:list", "public"
	err = httpserve.CheckTable(doc, "controlplane", wrong)
	require.ErrorContains(t, err, "GET /api/v1/regions is in the document, but not in the table")
	require.ErrorContains(t, err, "GET /api/v1/nothing is in the table, but not in the document")
	require.ErrorContains(t, err, "GET /api/v1/service: the document says action dms:service:get, the table dms:queue:list")
}

// TestDocumentsAreValid also proves that every operation of both has an action.
func TestDocumentsAreValid(t *testing.T) {
	for name, document := range map[string]func() ([]byte, error){"openapi.yaml": httpapi.OpenAPI, "dms.yaml": httpapi.DMSOpenAPI} {
		b, err := document()
		require.NoError(t, err)
		doc, err := openapi3.NewLoader().LoadFromData(b)
		require.NoError(t, err)
		require.NoError(t, doc.Validate(t.Context()), name)
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				require.NotEmpty(t, op.Extensions["x-action"], "%s %s", method, path)
				require.NotEmpty(t, op.Summary, "%s %s", method, path)
				require.NotNil(t, op.Responses.Default(), "%s %s", method, path)
			}
		}
	}
}

func TestDocsAreServedAndLoadNothingFromOutside(t *testing.T) {
	e := httpserve.NewEngine(slog.New(slog.DiscardHandler), 1<<20)
	httpapi.Register(e, httpapi.Deps{Services: controlplane.NewServices(controlplane.Deps{})}) // the documents need none of them
	server := httptest.NewServer(e)
	defer server.Close()
	get := func(path string) (string, http.Header) {
		resp, err := http.Get(server.URL + path)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(b), resp.Header
	}
	for path, contentType := range map[string]string{
		"/docs": "text/html; charset=utf-8", "/docs/problems": "text/html; charset=utf-8",
		"/docs/assets/viewer.js": "text/javascript; charset=utf-8", "/docs/assets/viewer.css": "text/css; charset=utf-8",
		"/api/v1/openapi.json": "application/json", "/docs/dms/openapi.json": "application/json",
	} {
		body, header := get(path)
		require.Equal(t, contentType, header.Get("Content-Type"), path)
		require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'self'")
		require.NotContains(t, header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		if contentType == "application/json" {
			require.True(t, json.Valid([]byte(body)))
			continue
		}
		require.NotRegexp(t, `https?://|"//`, body, path)
		for _, link := range regexp.MustCompile(`(?:src|href|data-document)="(/[^"#]*)`).FindAllStringSubmatch(body, -1) {
			if link[1] != "/" { // the console is another package's
				get(link[1])
			}
		}
	}
	page, _ := get("/docs")
	require.NotRegexp(t, `<script>|<style|style=|\son[a-z]+=`, page, "nothing inline: the policy forbids it")
	problems, _ := get("/docs/problems")
	require.Contains(t, problems, `<tr id="queue_name_taken">`, "the type of a problem points here")
	require.Contains(t, problems, `= * &lt; &gt; \ , | /`)
}

func TestEveryProblemCodeHasAMeaning(t *testing.T) {
	want := map[errs.Reason]bool{"invalid_request": true, "content_type": true}
	for _, c := range errs.Codes() {
		want[errs.Reason(c)] = true
	}
	src, err := os.ReadFile("../../internal/reason/reason.go")
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", src, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			want[errs.Reason(word)] = true
		}
		return true
	})
	require.Greater(t, len(want), 50)
	for code := range want {
		require.NotEmpty(t, httpapi.Meanings[code], "%s", code)
	}
	for code := range httpapi.Meanings {
		require.True(t, want[code], "%s is no problem code", code)
		require.Equal(t, strings.ToLower(string(code)), string(code))
	}
}
