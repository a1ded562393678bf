package iam

import (
	"strings"

	"dms/internal/access"
)

// actionSegments is the number of segments of an action: service, noun, verb.
const actionSegments = 3

// resourceSegments is the number of segments of a resource: service, region, account, kind, and the name with all behind it.
const resourceSegments = 5

// MatchAction reports whether the pattern covers the action.
func MatchAction(pattern string, action access.Action) bool {
	p, a := pattern, string(action)
	for {
		pSeg, pRest, pMore := strings.Cut(p, ":")
		if pSeg == "*" && !pMore {
			return true
		}
		aSeg, aRest, aMore := strings.Cut(a, ":")
		if pSeg != "*" && pSeg != aSeg {
			return false
		}
		if !pMore || !aMore {
			return pMore == aMore
		}
		p, a = pRest, aRest
	}
}

// MatchResource reports whether the pattern, in a policy of the account, covers the resource. A resource of another account is
// covered by nothing, whatever the pattern says.
func MatchResource(pattern string, resource access.Resource, accountID string) bool {
	r := string(resource)
	if accountID == "" || accountOf(r) != accountID {
		return false
	}
	if pattern == "*" {
		return true
	}
	p := pattern
	for {
		pSeg, pSep, pRest := cutSegment(p)
		rSeg, rSep, rRest := cutSegment(r)
		if pSep != rSep || pSeg != "*" && pSeg != rSeg {
			return false
		}
		if pSep == 0 {
			return true
		}
		p, r = pRest, rRest
	}
}

// MatchForeign reports whether a pattern that names another account by its id covers the resource of that account. A "*" in the account's place
// never does.
func MatchForeign(pattern string, resource access.Resource) bool {
	owner := accountOf(string(resource))
	return pattern != "*" && accountOf(pattern) == owner && owner != "*" && MatchResource(pattern, resource, owner)
}

// matchAnywhere reports whether the pattern covers the resource, whosever it is.
func matchAnywhere(pattern string, resource access.Resource) bool {
	return MatchResource(pattern, resource, accountOf(string(resource)))
}

// OwnerOf returns the id of the account whose the resource is.
func OwnerOf(resource access.Resource) string { return accountOf(string(resource)) }

// accountOf returns the third segment of a resource.
func accountOf(resource string) string {
	for range 2 {
		i := strings.IndexByte(resource, ':')
		if i < 0 {
			return ""
		}
		resource = resource[i+1:]
	}
	i := strings.IndexByte(resource, ':')
	if i < 0 {
		return ""
	}
	return resource[:i]
}

// cutSegment cuts s at its first ':' or '/'; sep is 0 when there is none.
func cutSegment(s string) (segment string, sep byte, rest string) {
	i := strings.IndexAny(s, ":/")
	if i < 0 {
		return s, 0, ""
	}
	return s[:i], s[i], s[i+1:]
}
