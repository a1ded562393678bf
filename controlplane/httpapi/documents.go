package httpapi

import (
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var openapiYAML []byte

//go:embed dms.yaml
var dmsYAML []byte

// OpenAPI returns the whole document of /api/v1, as JSON.
func OpenAPI() ([]byte, error) { return toJSON("openapi.yaml", openapiYAML) }

// DMSOpenAPI returns the document of the DMS dialects, as JSON.
func DMSOpenAPI() ([]byte, error) { return toJSON("dms.yaml", dmsYAML) }

func toJSON(name string, yaml []byte) ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(yaml)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", name, err)
	}
	b, err := doc.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write %s as JSON: %w", name, err)
	}
	return b, nil
}
