package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"dms/internal/access"
	"dms/internal/errs"
)

// Policy says what is allowed and what is denied. A denial outweighs any permission; what nothing allows is denied.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement is one rule of a policy. It has no conditions: a document with a field that is not here is refused, so that no
// condition can be written and then not be looked at.
type Statement struct {
	Effect Effect `json:"Effect"`
	// Action has patterns "service:noun:verb": a segment may be "*", and a "*" at the end stands for all that follows.
	Action []string `json:"Action"`
	// Resource has patterns of access.Resource: a segment (between ':' and '/') may be "*"; "*" alone stands for everything of the
	// account. The account's segment may be "*", which is still this account and no other.
	Resource []string `json:"Resource"`
}

// Effect of a statement.
type Effect string

const (
	EffectAllow Effect = "Allow"
	EffectDeny  Effect = "Deny"
)

const (
	// PolicyVersion1 is the only version of the policy language.
	PolicyVersion1 = "1.1"
	// MaxPolicyBytes bounds a document, and with it the cost of a decision.
	MaxPolicyBytes = 6144
	// MaxAttachments is how many policies a user may have.
	MaxAttachments = 10
)

// Names of the built-in policies, as clients of the original know them.
const (
	PolicyTenantAdministrator = "Tenant Administrator"
	PolicyDMSAdministrator    = "DMS Administrator"
	PolicyTenantGuest         = "Tenant Guest"
)

var builtinPolicies = map[string]Policy{
	PolicyTenantAdministrator: allow("*"),
	PolicyDMSAdministrator:    allow("dms:*", "iam:project:list"), // clients of the DMS wire look their project up first
	PolicyTenantGuest:         allow("*:*:get", "*:*:list"),
}

func allow(actions ...string) Policy {
	return Policy{Version: PolicyVersion1, Statement: []Statement{{Effect: EffectAllow, Action: actions, Resource: []string{"*"}}}}
}

// BuiltinPolicy returns a policy that every account has.
func BuiltinPolicy(name string) (Policy, bool) {
	p, ok := builtinPolicies[name]
	return p, ok
}

// Attachment gives a user a policy. Document is nil for a built-in policy, which is then found by its name.
type Attachment struct {
	AccountID  string
	UserID     string
	PolicyName string
	Document   *Policy
	CreatedAt  time.Time
}

var policyNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$`)

// Validate reports all that is wrong with the policy.
func (p Policy) Validate() error {
	err := errs.New(errs.Invalid, "policy_invalid", "The policy is not valid; see errors.")
	if p.Version != PolicyVersion1 {
		err.WithField("/Version", `must be "`+PolicyVersion1+`"`)
	}
	if len(p.Statement) == 0 {
		err.WithField("/Statement", "must have at least one statement")
	}
	for i, s := range p.Statement {
		at := fmt.Sprintf("/Statement/%d", i)
		if s.Effect != EffectAllow && s.Effect != EffectDeny {
			err.WithField(at+"/Effect", `must be "Allow" or "Deny"`)
		}
		if len(s.Action) == 0 {
			err.WithField(at+"/Action", "must name at least one action")
		}
		for j, a := range s.Action {
			if !validActionPattern(a) {
				err.WithField(fmt.Sprintf("%s/Action/%d", at, j), `must be "service:noun:verb", a segment may be "*"`)
			}
		}
		if len(s.Resource) == 0 {
			err.WithField(at+"/Resource", "must name at least one resource")
		}
		for j, r := range s.Resource {
			if !validResourcePattern(r) {
				err.WithField(fmt.Sprintf("%s/Resource/%d", at, j), `must be "*" or "service:region:account:kind:name", a segment may be "*"`)
			}
		}
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// ParsePolicy reads a policy document.
func ParsePolicy(document []byte) (Policy, error) {
	if len(document) > MaxPolicyBytes {
		return Policy{}, errs.New(errs.TooLarge, "policy_too_large", "A policy has at most %d bytes; this one has %d.", MaxPolicyBytes, len(document))
	}
	var p Policy
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Policy{}, errs.Wrap(err, errs.Invalid, "policy_invalid", "The policy is not a valid JSON document: %s.", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Policy{}, errs.New(errs.Invalid, "policy_invalid", "There is something behind the policy's JSON document.")
	}
	return p, p.Validate()
}

func validActionPattern(s string) bool {
	segments := strings.Split(s, ":")
	if len(segments) > actionSegments {
		return false
	}
	for _, seg := range segments {
		if seg == "" || seg != "*" && strings.Contains(seg, "*") {
			return false
		}
	}
	return len(segments) == actionSegments || segments[len(segments)-1] == "*"
}

func validResourcePattern(s string) bool {
	if s == "*" {
		return true
	}
	parts := strings.SplitN(s, ":", resourceSegments)
	if len(parts) != resourceSegments || parts[resourceSegments-1] == "" {
		return false
	}
	for _, seg := range strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '/' }) {
		if seg != "*" && strings.Contains(seg, "*") {
			return false
		}
	}
	return true
}

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
