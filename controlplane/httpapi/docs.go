package httpapi

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"dms/internal/httpserve"
)

//go:embed docs
var docsFiles embed.FS

// docsPolicy lets the pages load their own files and nothing else: no inline script, no other host.
const docsPolicy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerDocs adds the documents and the pages that show them. All of it is public: it says what the product can do, not what it holds.
func registerDocs(r gin.IRouter) {
	serve := func(path, contentType string, body []byte) {
		r.GET(path, func(c *gin.Context) {
			h := c.Writer.Header()
			h.Set("Content-Security-Policy", docsPolicy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			_ = httpserve.Reply(c, http.StatusOK, contentType, body) // the client has gone; there is nobody to tell
		})
	}
	const jsonType, htmlType = "application/json", "text/html; charset=utf-8"
	serve("/api/v1/openapi.json", jsonType, must(OpenAPI()))
	serve("/docs/dms/openapi.json", jsonType, must(DMSOpenAPI()))
	serve("/docs", htmlType, must(docsFiles.ReadFile("docs/index.html")))
	serve("/docs/problems", htmlType, must(problemsPage()))
	serve("/docs/assets/viewer.js", "text/javascript; charset=utf-8", must(docsFiles.ReadFile("docs/viewer.js")))
	serve("/docs/assets/viewer.css", "text/css; charset=utf-8", must(docsFiles.ReadFile("docs/viewer.css")))
}

func problemsPage() ([]byte, error) {
	t, err := template.ParseFS(docsFiles, "docs/problems.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, problems())
	return b.Bytes(), err
}

// must is for what is embedded: only a broken build fails here, and a test has seen it.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
