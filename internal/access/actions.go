package access

// Action names what a request does, "service:noun:verb". Each route has exactly one.
type Action string

// The actions. Acknowledging is also extending a delivery: who may finish it may ask for more time. Statistics are counters alone, never of a message: the
// verb makes them one of those that guests of an account may read; audit records are searched, which guests may not.
const (
	QueueCreate                Action = "dms:queue:create"
	QueueDelete                Action = "dms:queue:delete"
	QueueList                  Action = "dms:queue:list"
	QueueGet                   Action = "dms:queue:get"
	GroupCreate                Action = "dms:group:create"
	GroupDelete                Action = "dms:group:delete"
	GroupList                  Action = "dms:group:list"
	MessageSend                Action = "dms:message:send"
	MessagePrepare             Action = "dms:message:prepare"
	MessageCommit              Action = "dms:message:commit"
	MessageRollback            Action = "dms:message:rollback"
	MessageReceive             Action = "dms:message:receive"
	MessageAck                 Action = "dms:message:ack"
	MessageBrowse              Action = "dms:message:browse"
	MessagePurge               Action = "dms:message:purge"
	GroupSeek                  Action = "dms:group:seek"
	DeadLetterReceive          Action = "dms:deadletter:receive"
	DeadLetterAck              Action = "dms:deadletter:ack"
	DeadLetterBrowse           Action = "dms:deadletter:browse"
	DeadLetterRedrive          Action = "dms:deadletter:redrive"
	DeadLetterPurge            Action = "dms:deadletter:purge"
	StatisticsGet              Action = "dms:statistics:get"
	TagCreate                  Action = "dms:tag:create"
	TagDelete                  Action = "dms:tag:delete"
	TagList                    Action = "dms:tag:list"
	QuotaGet                   Action = "dms:quota:get"
	QueuePolicyGet             Action = "dms:queuepolicy:get"
	QueuePolicySet             Action = "dms:queuepolicy:set"
	QueuePolicyDelete          Action = "dms:queuepolicy:delete"
	ServiceGet                 Action = "dms:service:get"
	ServiceActivate            Action = "dms:service:activate"
	BillGet                    Action = "billing:bill:get"
	ProjectList                Action = "iam:project:list"
	AccessKeyCreate            Action = "iam:accesskey:create"
	AccessKeyList              Action = "iam:accesskey:list"
	AccessKeyUpdate            Action = "iam:accesskey:update"
	AccessKeyDelete            Action = "iam:accesskey:delete"
	UserCreate                 Action = "iam:user:create"
	UserList                   Action = "iam:user:list"
	UserGet                    Action = "iam:user:get"
	UserUpdate                 Action = "iam:user:update"
	UserDelete                 Action = "iam:user:delete"
	UserResetPassword          Action = "iam:user:resetpassword"
	UserGroupCreate            Action = "iam:group:create"
	UserGroupList              Action = "iam:group:list"
	UserGroupGet               Action = "iam:group:get"
	UserGroupUpdate            Action = "iam:group:update"
	UserGroupDelete            Action = "iam:group:delete"
	UserGroupAddMember         Action = "iam:group:addmember"
	UserGroupRemoveMember      Action = "iam:group:removemember"
	PolicyCreate               Action = "iam:policy:create"
	PolicyList                 Action = "iam:policy:list"
	PolicyGet                  Action = "iam:policy:get"
	PolicyUpdate               Action = "iam:policy:update"
	PolicyDelete               Action = "iam:policy:delete"
	PolicyAttach               Action = "iam:policy:attach"
	PolicyDetach               Action = "iam:policy:detach"
	PolicySimulate             Action = "iam:policy:simulate"
	RoleCreate                 Action = "iam:role:create"
	RoleList                   Action = "iam:role:list"
	RoleGet                    Action = "iam:role:get"
	RoleUpdate                 Action = "iam:role:update"
	RoleDelete                 Action = "iam:role:delete"
	RoleAssume                 Action = "iam:role:assume"
	RoleRevoke                 Action = "iam:role:revoke"
	SessionEnd                 Action = "iam:session:end"
	TokenRevoke                Action = "iam:token:revoke"
	AuditSearch                Action = "audit:record:search"
	AuditExport                Action = "audit:record:export"
	PlatformAccountList        Action = "platform:account:list"
	PlatformAccountGet         Action = "platform:account:get"
	PlatformAccountSuspend     Action = "platform:account:suspend"
	PlatformAccountResume      Action = "platform:account:resume"
	PlatformAccountImpersonate Action = "platform:account:impersonate"
	PlatformQuotaGet           Action = "platform:quota:get"
	PlatformQuotaSet           Action = "platform:quota:set"
	PlatformAuditSearch        Action = "platform:audit:search"
	PlatformKeyRotate          Action = "platform:key:rotate"
	// Public marks a route that anybody may call: it is not asked about, and a test lists these routes by name.
	Public Action = "public"
	// Self marks a route on the caller's own identity (who am I, sign out): any authenticated actor may call it.
	Self Action = "self"
)

// Level is how much harm an action can do.
type Level string

const (
	Read     Level = "read"
	Write    Level = "write"
	Grant    Level = "grant"    // gives rights, or credentials that have some
	Platform Level = "platform" // of operators; no policy of an account speaks of it
)

// ActionInfo is a row of the table of actions.
type ActionInfo struct {
	Action   Action
	Resource string // the kind of the resource that it is done to
	Level    Level
	// QueuePolicy is the action's name in the policy of a queue, as the DMS wire has them; "": a queue's policy cannot give it.
	QueuePolicy string
}

// Actions is the table of all actions but Public and Self.
var Actions = []ActionInfo{
	{QueueCreate, "queue", Write, ""},
	{QueueDelete, "queue", Write, ""},
	{QueueList, "queue", Read, ""},
	{QueueGet, "queue", Read, "DMS:GetQueue"},
	{GroupCreate, "queue", Write, "DMS:CreateGroup"},
	{GroupDelete, "group", Write, "DMS:DeleteGroup"},
	{GroupList, "queue", Read, "DMS:GetGroups"},
	{MessageSend, "queue", Write, "DMS:ProduceMessages"},
	{MessagePrepare, "queue", Write, "DMS:ProduceMessages"},
	{MessageCommit, "queue", Write, "DMS:ProduceMessages"},
	{MessageRollback, "queue", Write, "DMS:ProduceMessages"},
	{MessageReceive, "group", Write, "DMS:ConsumeMessages"},
	{MessageAck, "group", Write, "DMS:ConsumeMessages"},
	{MessageBrowse, "queue", Read, ""},
	{MessagePurge, "queue", Write, ""},
	{GroupSeek, "group", Write, ""},
	{DeadLetterReceive, "group", Write, "DMS:ConsumeMessages"},
	{DeadLetterAck, "group", Write, "DMS:ConsumeMessages"},
	{DeadLetterBrowse, "group", Read, ""},
	{DeadLetterRedrive, "group", Write, ""},
	{DeadLetterPurge, "group", Write, ""},
	{StatisticsGet, "queue or group", Read, "DMS:GetQueue"},
	{TagCreate, "queue", Write, ""},
	{TagDelete, "queue", Write, ""},
	{TagList, "queue", Read, ""},
	{QuotaGet, "queue", Read, ""},
	{QueuePolicyGet, "queue", Read, ""},
	{QueuePolicySet, "queue", Grant, ""},
	{QueuePolicyDelete, "queue", Grant, ""},
	{ServiceGet, "dms service", Read, ""},
	{ServiceActivate, "dms service", Write, ""},
	{BillGet, "billing bill", Read, ""},
	{ProjectList, "iam project", Read, ""},
	{AccessKeyCreate, "iam accesskey", Grant, ""},
	{AccessKeyList, "iam accesskey", Read, ""},
	{AccessKeyUpdate, "iam accesskey", Grant, ""},
	{AccessKeyDelete, "iam accesskey", Grant, ""},
	{UserCreate, "iam user", Grant, ""},
	{UserList, "iam user", Read, ""},
	{UserGet, "iam user", Read, ""},
	{UserUpdate, "iam user", Grant, ""},
	{UserDelete, "iam user", Grant, ""},
	{UserResetPassword, "iam user", Grant, ""},
	{UserGroupCreate, "iam group", Grant, ""},
	{UserGroupList, "iam group", Read, ""},
	{UserGroupGet, "iam group", Read, ""},
	{UserGroupUpdate, "iam group", Grant, ""},
	{UserGroupDelete, "iam group", Grant, ""},
	{UserGroupAddMember, "iam group", Grant, ""},
	{UserGroupRemoveMember, "iam group", Grant, ""},
	{PolicyCreate, "iam policy", Grant, ""},
	{PolicyList, "iam policy", Read, ""},
	{PolicyGet, "iam policy", Read, ""},
	{PolicyUpdate, "iam policy", Grant, ""},
	{PolicyDelete, "iam policy", Grant, ""},
	{PolicyAttach, "iam policy", Grant, ""},
	{PolicyDetach, "iam policy", Grant, ""},
	{PolicySimulate, "iam policy", Read, ""},
	{RoleCreate, "iam role", Grant, ""},
	{RoleList, "iam role", Read, ""},
	{RoleGet, "iam role", Read, ""},
	{RoleUpdate, "iam role", Grant, ""},
	{RoleDelete, "iam role", Grant, ""},
	{RoleAssume, "iam role", Grant, ""},
	{RoleRevoke, "iam role", Write, ""},
	{SessionEnd, "iam user", Write, ""},
	{TokenRevoke, "iam user", Write, ""},
	{AuditSearch, "audit record", Read, ""},
	{AuditExport, "audit record", Read, ""},
	{PlatformAccountList, "platform", Platform, ""},
	{PlatformAccountGet, "platform", Platform, ""},
	{PlatformAccountSuspend, "platform", Platform, ""},
	{PlatformAccountResume, "platform", Platform, ""},
	{PlatformAccountImpersonate, "platform", Platform, ""},
	{PlatformQuotaGet, "platform", Platform, ""},
	{PlatformQuotaSet, "platform", Platform, ""},
	{PlatformAuditSearch, "platform", Platform, ""},
	{PlatformKeyRotate, "platform", Platform, ""},
}

var actionInfos = func() map[Action]ActionInfo {
	m := make(map[Action]ActionInfo, len(Actions))
	for _, i := range Actions {
		m[i.Action] = i
	}
	return m
}()

// InfoOf returns the action's row of the table.
func InfoOf(a Action) (ActionInfo, bool) {
	i, ok := actionInfos[a]
	return i, ok
}

// Shareable reports whether the policy of a queue can give the action to other accounts.
func (a Action) Shareable() bool { return actionInfos[a].QueuePolicy != "" }
