package iam

// Names of the built-in policies, as clients of the original know them.
const (
	PolicyTenantAdministrator = "Tenant Administrator"
	PolicyTenantGuest         = "Tenant Guest"
	PolicyDMSAdministrator    = "DMS Administrator"
	PolicyDMSFullAccess       = "DMS FullAccess"
	PolicyDMSUserAccess       = "DMS UserAccess"
	PolicyDMSReadOnlyAccess   = "DMS ReadOnlyAccess"
)

// Whoever works with queues looks the project up first: clients of the DMS wire do.
const lookProjectsUp = "iam:project:list"

var builtinPolicies = map[string]Policy{
	PolicyTenantAdministrator: allow("*"),
	PolicyTenantGuest:         allow("*:*:get", "*:*:list"),
	PolicyDMSAdministrator:    allow("dms:*", lookProjectsUp),
	PolicyDMSFullAccess:       allow("dms:*", lookProjectsUp),
	PolicyDMSUserAccess: allow("dms:queue:get", "dms:queue:list", "dms:group:list", "dms:tag:list", "dms:quota:get", "dms:service:get", "dms:statistics:get",
		"dms:message:send", "dms:message:receive", "dms:message:ack", "dms:message:prepare", "dms:message:commit", "dms:message:rollback", "dms:message:browse",
		"dms:deadletter:receive", "dms:deadletter:ack", "dms:deadletter:browse", lookProjectsUp),
	PolicyDMSReadOnlyAccess: allow("dms:*:get", "dms:*:list", lookProjectsUp),
}

func allow(actions ...string) Policy {
	return Policy{Version: PolicyVersion1, Statement: []Statement{{Effect: EffectAllow, Action: actions, Resource: []string{"*"}}}}
}

// BuiltinPolicy returns a policy that every account has.
func BuiltinPolicy(name string) (Policy, bool) {
	p, ok := builtinPolicies[name]
	return p, ok
}

// BuiltinPolicies returns the names of the built-in policies, the most powerful first.
func BuiltinPolicies() []string {
	return []string{PolicyTenantAdministrator, PolicyDMSAdministrator, PolicyDMSFullAccess, PolicyDMSUserAccess, PolicyDMSReadOnlyAccess, PolicyTenantGuest}
}
