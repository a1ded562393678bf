package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"dms/internal/errs"
)

// Policy says what is allowed and what is denied. A denial outweighs any permission; what nothing allows is denied.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement is one rule of a policy. A document with a field that is not here is refused, so that nothing can be written that narrows a rule and is
// then not looked at.
type Statement struct {
	Sid    string `json:"Sid,omitempty"` // its name, for people
	Effect Effect `json:"Effect"`
	// Action has patterns "service:noun:verb": a segment may be "*", and a "*" at the end stands for all that follows.
	Action []string `json:"Action"`
	// Resource has patterns of access.Resource: a segment (between ':' and '/') may be "*"; "*" alone stands for everything of the
	// account. The account's segment may be "*", which is still this account and no other.
	Resource  []string  `json:"Resource"`
	Condition Condition `json:"Condition,omitempty"`
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
	// MaxSessionPolicyBytes bounds the policy of temporary credentials, which travels in them.
	MaxSessionPolicyBytes = 2048
)

var policyNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$`)

// Validate reports all that is wrong with the policy.
func (p Policy) Validate() error { return p.validate(Condition.problems) }

// validate leaves it to conditions what is a wrong one.
func (p Policy) validate(conditions func(c Condition, at string, report func(pointer, detail string))) error {
	err := errs.New(errs.Invalid, reasonPolicyInvalid, "The policy is not valid; see errors.")
	if p.Version != PolicyVersion1 {
		err.WithField("/Version", `must be "`+PolicyVersion1+`"`)
	}
	if len(p.Statement) == 0 {
		err.WithField("/Statement", "must have at least one statement")
	}
	for i, s := range p.Statement {
		at := fmt.Sprintf("/Statement/%d", i)
		if !sidPattern.MatchString(s.Sid) {
			err.WithField(at+"/Sid", sidRule)
		}
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
		conditions(s.Condition, at+"/Condition", func(pointer, detail string) { err.WithField(pointer, detail) })
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

const reasonPolicyInvalid errs.Reason = "policy_invalid"

const sidRule = "must have at most 64 letters, digits, '_' or '-'"

var sidPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// ParsePolicy reads a policy document.
func ParsePolicy(document []byte) (Policy, error) {
	p, err := decodePolicy[Policy](document, MaxPolicyBytes)
	if err != nil {
		return Policy{}, err
	}
	return p, p.Validate()
}

// ParseSessionPolicy reads the policy that narrows temporary credentials. A statement without Resource speaks of everything: clients of the original
// leave it out.
func ParseSessionPolicy(document []byte) (Policy, error) {
	p, err := decodePolicy[Policy](document, MaxSessionPolicyBytes)
	if err != nil {
		return Policy{}, err
	}
	p.everywhere()
	return p, p.Validate()
}

// ParseStoredPolicy reads a document, or the session policy in a credential, that was valid for the program that wrote it, which may be a newer one.
// Conditions that this one does not know are kept, as what cannot be judged. An error: it cannot be evaluated at all.
func ParseStoredPolicy(document []byte) (Policy, error) {
	p, err := decodePolicy[Policy](document, len(document))
	if err != nil {
		return Policy{}, err
	}
	p.everywhere()
	return p, p.validate(passConditions)
}

// everywhere gives the statements without Resource one that covers everything.
func (p Policy) everywhere() {
	for i := range p.Statement {
		if p.Statement[i].Resource == nil {
			p.Statement[i].Resource = []string{"*"}
		}
	}
}

func passConditions(Condition, string, func(pointer, detail string)) {}

// decodePolicy reads a document of at most the size that has no field that T has not, and nothing behind it.
func decodePolicy[T any](document []byte, most int) (p T, err error) {
	if len(document) > most {
		return p, errs.New(errs.TooLarge, "policy_too_large", "The policy has at most %d bytes; this one has %d.", most, len(document))
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, errs.Wrap(err, errs.Invalid, reasonPolicyInvalid, "The policy is not a valid JSON document: %s.", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return p, errs.New(errs.Invalid, reasonPolicyInvalid, "There is something behind the policy's JSON document.")
	}
	return p, nil
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
