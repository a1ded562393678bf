package httpserve

import (
	"errors"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"dms/internal/access"
)

// CheckTable compares a route table, keyed as for Gate.RequireByPath, with the operations of doc that have the tag: each must be in
// both, with the action that the document names in x-action. It is for tests; the error names everything that differs.
func CheckTable(doc *openapi3.T, tag string, table map[string]access.Action) error {
	left := make(map[string]access.Action, len(table))
	for k, action := range table {
		left[k] = action
	}
	var all []error
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !slices.Contains(op.Tags, tag) {
				continue
			}
			found := false
			for k, action := range left {
				if pathTemplate(k) != method+" "+path {
					continue
				}
				found = true
				delete(left, k)
				if want := fmt.Sprint(op.Extensions["x-action"]); want != string(action) {
					all = append(all, fmt.Errorf("%s %s: the document says action %s, the table %s", method, path, want, action))
				}
			}
			if !found {
				all = append(all, fmt.Errorf("%s %s is in the document, but not in the table", method, path))
			}
		}
	}
	for k := range left {
		all = append(all, fmt.Errorf("%s is in the table, but not in the document", k))
	}
	return errors.Join(all...)
}
