package httpapi

import "dms/internal/access"

// Routes returns the table of the routes.
func Routes() map[string]access.Action { return routes }
