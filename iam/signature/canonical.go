package signature

import (
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// canonicalRequest writes the request in the one form that client and server agree on.
func (a Authorization) canonicalRequest(r Request, host, bodyHash string) ([]byte, error) {
	b := make([]byte, 0, 512)
	b = append(b, r.Method...)
	b = append(b, '\n')
	b = appendURI(b, r.Path)
	b = append(b, '\n')
	b, err := appendQuery(b, r.RawQuery)
	if err != nil {
		return nil, err
	}
	b = append(b, '\n')
	for _, name := range a.signedHeaders {
		values, single := []string{host}, true
		if name != "host" {
			values = r.header(textproto.CanonicalMIMEHeaderKey(name))
			single = len(values) == 1
		}
		if len(values) == 0 {
			return nil, malformed("a signed header is missing: " + name)
		}
		if !single {
			values = slices.Sorted(slices.Values(values))
		}
		for _, v := range values {
			b = append(b, name...)
			b = append(b, ':')
			b = a.appendHeaderValue(b, v)
			b = append(b, '\n')
		}
	}
	b = append(b, '\n')
	b = append(b, a.signedList...)
	b = append(b, '\n')
	return append(b, bodyHash...), nil
}

// appendHeaderValue trims the value; clients of the Credential variant also turn runs of white space within it into one space.
func (a Authorization) appendHeaderValue(b []byte, v string) []byte {
	v = strings.TrimSpace(v)
	if a.scope == nil {
		return append(b, v...)
	}
	space := false
	for i := range len(v) {
		if c := v[i]; c == ' ' || c == '\t' {
			space = true
			continue
		}
		if space {
			b = append(b, ' ')
			space = false
		}
		b = append(b, v[i])
	}
	return b
}

// appendURI escapes each segment of the decoded path, and ends it with a '/'.
func appendURI(b []byte, path string) []byte {
	for i := range len(path) {
		if path[i] == '/' {
			b = append(b, '/')
		} else {
			b = appendEscaped(b, path[i:i+1])
		}
	}
	if path == "" || path[len(path)-1] != '/' {
		b = append(b, '/')
	}
	return b
}

type parameter struct{ key, value string }

// appendQuery sorts the decoded parameters by key, then value, and escapes both.
func appendQuery(b []byte, raw string) ([]byte, error) {
	if raw == "" {
		return b, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed("the query cannot be decoded")
	}
	params := make([]parameter, 0, len(values))
	for k, vs := range values {
		for _, v := range vs {
			params = append(params, parameter{k, v})
		}
	}
	slices.SortFunc(params, func(a, b parameter) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	for i, p := range params {
		if i > 0 {
			b = append(b, '&')
		}
		b = appendEscaped(b, p.key)
		b = append(b, '=')
		b = appendEscaped(b, p.value)
	}
	return b, nil
}

const upperHex = "0123456789ABCDEF"

func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}
