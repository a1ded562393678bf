package httpapi

import (
	"encoding/base64"

	"dms/internal/errs"
	"dms/internal/reason"
)

const defaultPageSize = 100

// page is what a request for a page of a list says. The token is the sort key of the last item of the page before: what is made or deleted
// meanwhile neither repeats nor hides another item.
type page struct {
	size  int
	after string // "": the first page
}

func pageOf(size *int, token *string) (page, error) {
	p := page{size: defaultPageSize}
	if size != nil {
		p.size = *size
	}
	if token != nil {
		b, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return p, invalidPageToken()
		}
		p.after = string(b)
	}
	return p, nil
}

// tokenAfter returns the token of the page that follows the item with this sort key.
func tokenAfter(key string) *string {
	token := base64.RawURLEncoding.EncodeToString([]byte(key))
	return &token
}

func invalidPageToken() error {
	return errs.New(errs.Invalid, reason.ParameterInvalid, "The page token is not one that this API gave.").
		WithField("page_token", "is not the next_page_token of a page")
}
