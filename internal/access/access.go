// Package access is the vocabulary between "who is calling" and "what is being done": the actor, the action, the resource,
// and the two questions that every route asks. iam answers them; the wires of both planes ask.
package access

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
)

// Via says how an actor proved who it is.
type Via string

const (
	ViaToken     Via = "token"     // X-Auth-Token
	ViaSignature Via = "signature" // access key and secret, SDK-HMAC-SHA256
	ViaSession   Via = "session"   // the console's cookie
	ViaTemporary Via = "temporary" // a temporary access key with its security token
)

// Actor is an authenticated caller. It is comparable.
type Actor struct {
	AccountID   string
	AccountName string
	UserID      string // of an assumed role: the role's id
	UserName    string // of an assumed role: the role's name, a slash and the name of the session
	ProjectID   string // the project the request acts in; "" when the credential is not bound to one and none was asked for
	ProjectName string
	Via         Via
	// CredentialID names the credential for revocation and audit: the access key id, the token's jti or the session id.
	CredentialID string

	// Operator runs the platform. Temporary credentials and impersonated sessions never have it.
	Operator bool
	// RoleID is the role that was assumed; "": none.
	RoleID string
	// ParentUserID is who got the temporary credentials, "" with others: the actor is gone when this user is.
	ParentUserID string
	// ParentAccountID is that user's account: another than AccountID when the role is of another.
	ParentAccountID string
	// SessionPolicy is the policy document that narrows temporary credentials; "": none.
	SessionPolicy string
	// ImpersonatorID is the operator who acts as the user; "": nobody.
	ImpersonatorID string

	MFA     bool       // the credential was got with a second factor
	TLS     bool       // the request came encrypted
	Address netip.Addr // where it came from; the zero Addr: not known, and conditions on it cannot be judged
	// ExpiresAt is when the credential ends, in seconds since 1970; 0: it does not. What is made with it must not outlive it.
	ExpiresAt int64
	// Guest: the path's project is another account's. AccountID, UserID and ProjectID are still the actor's own.
	Guest bool
}

// Temporary reports whether the actor's credentials are lent: they may not make others that last longer, nor change the user's own.
func (a Actor) Temporary() bool {
	return a.Via == ViaTemporary || a.RoleID != "" || a.ImpersonatorID != ""
}

// Resource names what an action is done to: "dms:{region}:{account_id}:queue:{queue name}", with "/group:{group name}" behind
// it for a consumer group. In policies a segment may be "*".
type Resource string

// QueueResource names a queue; the name "*" stands for every queue of the account in the region.
func QueueResource(region, accountID, queueName string) Resource {
	return Resource(strings.Join([]string{"dms", region, accountID, "queue", queueName}, ":"))
}

// GroupResource names a consumer group of a queue.
func GroupResource(region, accountID, queueName, groupName string) Resource {
	return QueueResource(region, accountID, queueName) + Resource("/group:"+groupName)
}

// AccountResource names a thing that belongs to an account as a whole, such as its bill ("billing", id, "bill").
func AccountResource(service, accountID, kind string) Resource {
	return Resource(strings.Join([]string{service, "", accountID, kind, "*"}, ":"))
}

// Tag is a key and value on a queue, which policies may ask for.
type Tag struct{ Key, Value string }

// Object is what an action is done to, with the facts about it that a decision may read.
type Object struct {
	Resource Resource
	Tags     []Tag  // of the queue, also for its groups
	QueueID  string // "" unless it is a queue or a group of one
	// QueuePolicyVersion is the version of the queue's own policy; 0: it has none.
	QueuePolicyVersion int64
	// Foreign: it is another account's that opened it to the actor's, such as a role that trusts it. Only policies that write that account out allow
	// then. For guests it goes without saying.
	Foreign bool
}

// Object returns r as an object without facts.
func (r Resource) Object() Object { return Object{Resource: r} }

// QueuePolicyFact is the value of a directory.KindQueuePolicy entry, whose key is the queue's id: the policy that its owner gave the queue. The
// control plane writes it, iam reads it.
type QueuePolicyFact struct {
	QueueID   string          `json:"queue_id"`
	AccountID string          `json:"account_id"`
	Version   int64           `json:"version"`
	Document  json.RawMessage `json:"document"`
}

// Authenticator says who sent a request.
type Authenticator interface {
	// Authenticate checks the credentials in r. projectID is the project in the request's path, "" on routes without one: when it
	// is given, the returned actor acts in it or the answer is reason.ProjectMismatch, the same for a foreign and an unknown one.
	// body returns the raw bytes of the body; it is called only when a signature covers them.
	Authenticate(ctx context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (Actor, error)
	// AuthenticateGuest is Authenticate for a path in another account's project: the actor keeps its own project and has Guest set. An
	// X-Project-Id equal to projectID names the path's project, not the actor's. reason.ProjectMismatch: the project is the
	// actor's own account's, or does not exist.
	AuthenticateGuest(ctx context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (Actor, error)
}

// Authorizer says whether an actor may do an action to an object.
type Authorizer interface {
	// Authorize returns nil, or an errs.Forbidden with reason.PolicyDenied that names action and resource, and whose Denial says why to
	// those who may know.
	Authorize(ctx context.Context, a Actor, action Action, o Object) error
	// Named reports whether the queue's policy names the actor's account or user in any statement that gives something: only then may a
	// guest learn that the queue exists.
	Named(ctx context.Context, a Actor, o Object) (bool, error)
}

// Effect is the outcome of a decision.
type Effect string

const (
	Allow        Effect = "allow"
	ExplicitDeny Effect = "explicit_deny" // a statement denies
	ImplicitDeny Effect = "implicit_deny" // nothing allows
)

// StatementRef names a statement.
type StatementRef struct {
	Layer   string // "identity", "session" or "queue": where it stands
	Subject string // whom the policy is attached to: "u:", "g:" or "r:" and an id; "" in the other layers
	Policy  string // its name
	Index   int    // of the statement in it
	Sid     string // its own name, where it has one
}

// Decision is an answer with its reasons.
type Decision struct {
	Effect   Effect
	Action   Action
	Resource Resource
	By       *StatementRef // that allows, or that denies; nil: nothing matched
	Unmet    []Unmet       // statements that speak of it, but for a condition; at most 10
}

// Unmet is a statement whose condition does not hold.
type Unmet struct {
	StatementRef
	Condition string // operator and key, "IpAddress g:SourceIp"
}

// Explainer says why.
type Explainer interface {
	Explain(ctx context.Context, a Actor, action Action, o Object) (Decision, error)
}
