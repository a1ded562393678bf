// Package access is the vocabulary between "who is calling" and "what is being done": the actor, the action, the resource,
// and the two questions that every route asks. iam answers them; the wires of both planes ask.
package access

import (
	"context"
	"net/http"
	"strings"
)

// Via says how an actor proved who it is.
type Via string

const (
	ViaToken     Via = "token"     // X-Auth-Token
	ViaSignature Via = "signature" // access key and secret, SDK-HMAC-SHA256
	ViaSession   Via = "session"   // the console's cookie
)

// Actor is an authenticated caller.
type Actor struct {
	AccountID   string
	AccountName string
	UserID      string
	UserName    string
	ProjectID   string // the project the request acts in; "" when the credential is not bound to one and none was asked for
	ProjectName string
	Via         Via
	// CredentialID names the credential for revocation and audit: the access key id, the token's jti or the session id.
	CredentialID string
}

// Action names what a request does, "service:noun:verb". Each route has exactly one.
type Action string

const (
	QueueCreate       Action = "dms:queue:create"
	QueueDelete       Action = "dms:queue:delete"
	QueueList         Action = "dms:queue:list"
	QueueGet          Action = "dms:queue:get"
	GroupCreate       Action = "dms:group:create"
	GroupDelete       Action = "dms:group:delete"
	GroupList         Action = "dms:group:list"
	MessageSend       Action = "dms:message:send"
	MessageReceive    Action = "dms:message:receive"
	MessageAck        Action = "dms:message:ack" // also of extending a delivery: who may finish it may ask for more time
	MessagePrepare    Action = "dms:message:prepare"
	MessageCommit     Action = "dms:message:commit"
	MessageRollback   Action = "dms:message:rollback"
	MessageBrowse     Action = "dms:message:browse"
	MessagePurge      Action = "dms:message:purge"
	GroupSeek         Action = "dms:group:seek"
	DeadLetterReceive Action = "dms:deadletter:receive"
	DeadLetterAck     Action = "dms:deadletter:ack" // also of extending, as MessageAck
	DeadLetterBrowse  Action = "dms:deadletter:browse"
	DeadLetterRedrive Action = "dms:deadletter:redrive" // start and stop
	DeadLetterPurge   Action = "dms:deadletter:purge"
	// StatisticsGet is of counters alone, never of a message: its verb makes it one of those that guests may do.
	StatisticsGet   Action = "dms:statistics:get"
	TagCreate       Action = "dms:tag:create"
	TagDelete       Action = "dms:tag:delete"
	TagList         Action = "dms:tag:list"
	QuotaGet        Action = "dms:quota:get"
	ServiceGet      Action = "dms:service:get"
	ServiceActivate Action = "dms:service:activate"
	AccessKeyCreate Action = "iam:accesskey:create"
	AccessKeyDelete Action = "iam:accesskey:delete"
	AccessKeyList   Action = "iam:accesskey:list"
	ProjectList     Action = "iam:project:list"
	BillGet         Action = "billing:bill:get"
	// Public marks a route that anybody may call: it is not asked about, and a test lists these routes by name.
	Public Action = "public"
	// Self marks a route on the caller's own identity (who am I, sign out): any authenticated actor may call it.
	Self Action = "self"
)

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

// Authenticator says who sent a request.
type Authenticator interface {
	// Authenticate checks the credentials in r. projectID is the project in the request's path, "" on routes without one: when it
	// is given, the returned actor acts in it or the answer is reason.ProjectMismatch, the same for a foreign and an unknown one.
	// body returns the raw bytes of the body; it is called only when a signature covers them.
	Authenticate(ctx context.Context, r *http.Request, projectID string, body func() ([]byte, error)) (Actor, error)
}

// Authorizer says whether an actor may do an action to a resource.
type Authorizer interface {
	// Authorize returns nil, or an errs.Forbidden with reason.PolicyDenied that names action and resource.
	Authorize(ctx context.Context, a Actor, action Action, resource Resource) error
}
