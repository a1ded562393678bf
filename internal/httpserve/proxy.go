package httpserve

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"dms/internal/access"
)

// Proxies are the machines in front of this one whose word about a request's origin is taken.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks with commas between them.
func ParseProxies(s string) (Proxies, error) {
	var out Proxies
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if a, err := netip.ParseAddr(part); err == nil {
			out = append(out, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, errors.New("want addresses and networks, such as 192.0.2.1, 10.0.0.0/8")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (p Proxies) has(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-Ip", "Forwarded"}

// Behind gives requests that come from a trusted proxy the address and the encryption of the client that the proxy saw. Requests from anywhere else are
// what their connection is. The headers are taken off all: nobody behind shall believe them. Without proxies it is next itself.
//
// The client is the last address in X-Forwarded-For that is no trusted proxy: what stands before it the client wrote itself.
func (p Proxies) Behind(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := access.SourceOf(r)
		if p.has(from.Address) {
			client := p.client(r.Header.Values("X-Forwarded-For"), from.Address)
			from = access.Source{Address: client, TLS: from.TLS || isHTTPS(r.Header.Values("X-Forwarded-Proto"))}
			r = r.WithContext(access.WithSource(r.Context(), from))
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		for _, name := range forwarded {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}

// client walks from the proxy that is nearest to the client that it speaks for.
func (p Proxies) client(values []string, nearest netip.Addr) netip.Addr {
	hops := strings.Split(strings.Join(values, ","), ",")
	at := nearest
	for i := len(hops) - 1; i >= 0 && p.has(at); i-- {
		next, ok := hop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		at = next
	}
	return at
}

// hop reads an address that may have a port.
func hop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

// isHTTPS looks at what the nearest proxy says: the last value.
func isHTTPS(values []string) bool {
	all := strings.Split(strings.Join(values, ","), ",")
	return strings.EqualFold(strings.TrimSpace(all[len(all)-1]), "https")
}
