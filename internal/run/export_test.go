package run

import "time"

// SetReadHeaderTimeout shortens the patience of a server that does not run yet.
func SetReadHeaderTimeout(s *Server, d time.Duration) { s.http.ReadHeaderTimeout = d }
