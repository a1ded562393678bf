package dmsapi

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"dms/internal/dmswire"
	"dms/internal/errs"
	"dms/internal/reason"
)

// params are the parameters of a query. Unknown ones are ignored, an empty one stands for its default, of a repeated one the
// first counts (labels apart).
type params url.Values

func parseParams(c *gin.Context) (params, error) {
	q, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, reason.ParameterInvalid, "The URL contains invalid parameters.")
	}
	return params(q), nil
}

func (p params) get(name string) string { return url.Values(p).Get(name) }

// bool reads a boolean in any case: Python sends True.
func (p params) bool(name string, def bool) (bool, error) {
	return dmswire.ParseBool(name, p.get(name), def)
}

// int reads a whole number; ok is false for anything else.
func (p params) int(name string, def int) (n int, ok bool) {
	s := p.get(name)
	if s == "" {
		return def, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// outOfRange stands for a number that cannot be read: it is refused by the same rule, with the same code, as one that is too small.
const outOfRange = -1

func (p params) count(name string, def int) int {
	if n, ok := p.int(name, def); ok {
		return n
	}
	return outOfRange
}

func (p params) seconds(name string, def time.Duration) time.Duration {
	n := p.count(name, int(def/time.Second))
	return time.Duration(max(outOfRange, min(n, 1<<30))) * time.Second // clamped: a Duration ends at 292 years
}

// labels reads tag=a&tag=b.
func (p params) labels() []string {
	var out []string
	for _, s := range p["tag"] {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// word reads one of a few words in any case, the first of which is the default.
func (p params) word(name string, words ...string) (string, error) {
	s := p.get(name)
	if s == "" {
		return words[0], nil
	}
	for _, w := range words {
		if strings.EqualFold(s, w) {
			return w, nil
		}
	}
	return "", errs.New(errs.Invalid, reason.ParameterInvalid, "The value of parameter %s must be one of: %s.", name, strings.Join(words, ", "))
}
