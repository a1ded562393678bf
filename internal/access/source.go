package access

import (
	"context"
	"net/http"
	"net/netip"
)

// Source is where a request came from.
type Source struct {
	Address netip.Addr // the zero Addr: not known
	TLS     bool
}

type sourceKey struct{}

// WithSource says where the request of ctx came from, when somebody in between passed it on.
func WithSource(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, s)
}

// SourceOf returns where r came from: what its context says, or else its connection.
func SourceOf(r *http.Request) Source {
	if s, ok := r.Context().Value(sourceKey{}).(Source); ok {
		return s
	}
	s := Source{TLS: r.TLS != nil}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		s.Address = at.Addr().Unmap()
	}
	return s
}
