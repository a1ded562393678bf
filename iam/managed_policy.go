package iam

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"dms/internal/errs"
)

// ManagedPolicy is a policy of the account's own: it can be attached to any number of its users, user groups and roles.
type ManagedPolicy struct {
	AccountID   string
	Name        string
	Description string
	Document    Policy
	// Version counts the changes, from 1.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MaxPolicies is how many policies an account may have of its own.
const MaxPolicies = 128

// checkPolicyName returns what is wrong with the name of a new policy, or "". A name that reads like a built-in one's is refused: people would take it for that.
func checkPolicyName(name string) string {
	if !policyNamePattern.MatchString(name) {
		return "must be 1 to 64 letters, digits, spaces, '_', '.' or '-', and start with a letter or digit"
	}
	for builtin := range builtinPolicies {
		if strings.EqualFold(name, builtin) {
			return "is the name of a built-in policy"
		}
	}
	return ""
}

// ErrPolicyNameTaken is the errs.Conflict of a second policy of a name within an account.
func ErrPolicyNameTaken() error {
	return errs.New(errs.Conflict, "policy_name_taken", "The account has a policy with this name already.").WithField("/name", "is taken")
}

// Attachment gives a subject (UserSubject, GroupSubject, RoleSubject) a policy: a built-in one, or one of the account's own.
type Attachment struct {
	AccountID  string
	Subject    string
	PolicyName string
	CreatedAt  time.Time
}

// MaxAttachments is how many policies a subject may have.
const MaxAttachments = 10

// denyAll stands for a policy that nobody knows: what it may have meant as a denial must not be missed.
var denyAll = []Statement{{Effect: EffectDeny, Action: []string{"*"}, Resource: []string{"*"}}}

// documents returns policies by name, each read once.
type documents struct {
	reads     Reads
	accountID string
	known     map[string][]Statement
}

func documentsOf(reads Reads, accountID string) *documents {
	return &documents{reads: reads, accountID: accountID, known: make(map[string][]Statement)}
}

// statements returns what the policy of the name says. One that does not exist denies everything, as it does in decisions.
func (d *documents) statements(ctx context.Context, policyName string) ([]Statement, error) {
	if p, ok := BuiltinPolicy(policyName); ok {
		return p.Statement, nil
	}
	if s, ok := d.known[policyName]; ok {
		return s, nil
	}
	p, err := d.reads.Policy(ctx, d.accountID, policyName)
	s := p.Document.Statement
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		s = denyAll
	case err != nil:
		return nil, err
	}
	d.known[policyName] = s
	return s, nil
}

// ofSubjects returns the statements of all policies that are attached to the subjects.
func (d *documents) ofSubjects(ctx context.Context, subjects ...string) ([]Statement, error) {
	var out []Statement
	for _, subject := range subjects {
		attached, err := d.reads.Attachments(ctx, d.accountID, subject)
		if err != nil {
			return nil, err
		}
		for _, at := range attached {
			s, err := d.statements(ctx, at.PolicyName)
			if err != nil {
				return nil, err
			}
			out = append(out, s...)
		}
	}
	return out, nil
}

// ofUser returns the statements of the user's own policies and of those of the user's groups.
func (d *documents) ofUser(ctx context.Context, userID string) ([]Statement, error) {
	subjects, err := subjectsOfUser(ctx, d.reads, d.accountID, userID)
	if err != nil {
		return nil, err
	}
	return d.ofSubjects(ctx, subjects...)
}

// canonical is the document as it is stored and hashed.
func (p Policy) canonical() []byte {
	b, err := json.Marshal(p)
	if err != nil {
		panic("encode a policy: " + err.Error()) // these are plain structs of strings
	}
	return b
}
