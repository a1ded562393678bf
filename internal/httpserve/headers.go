package httpserve

import "net/http"

// Headers that never change are slices of their own: putting them into an answer takes no memory.
var (
	noSniff = []string{"nosniff"}
	hsts    = []string{"max-age=31536000"}
)

// StrictTransport tells browsers to come by https alone, for a year. It is for addresses that are reached by https: on any other, browsers would
// pass over the header, as they must.
func StrictTransport(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Strict-Transport-Security"] = hsts
		next.ServeHTTP(w, r)
	})
}
