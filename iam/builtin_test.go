package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
)

// What the built-in policies allow is written out: a new action is theirs only when somebody has thought about it.
func TestBuiltinPolicies(t *testing.T) {
	read := []access.Action{
		access.QueueList, access.QueueGet, access.GroupList, access.StatisticsGet, access.TagList, access.QuotaGet, access.QueuePolicyGet, access.ServiceGet, access.ProjectList,
	}
	use := []access.Action{
		access.QueueList, access.QueueGet, access.GroupList, access.StatisticsGet, access.TagList, access.QuotaGet, access.ServiceGet, access.ProjectList,
		access.MessageSend, access.MessagePrepare, access.MessageCommit, access.MessageRollback, access.MessageReceive, access.MessageAck, access.MessageBrowse,
		access.DeadLetterReceive, access.DeadLetterAck, access.DeadLetterBrowse,
	}
	guest := append([]access.Action{
		access.BillGet, access.AccessKeyList, access.UserList, access.UserGet, access.UserGroupList, access.UserGroupGet, access.PolicyList, access.PolicyGet,
		access.RoleList, access.RoleGet,
	}, read...)
	var all, dms []access.Action
	for _, i := range access.Actions {
		if i.Level == access.Platform {
			continue
		}
		all = append(all, i.Action)
		if strings.HasPrefix(string(i.Action), "dms:") || i.Action == access.ProjectList {
			dms = append(dms, i.Action)
		}
	}
	want := map[string][]access.Action{
		iam.PolicyTenantAdministrator: all, iam.PolicyDMSAdministrator: dms, iam.PolicyDMSFullAccess: dms,
		iam.PolicyDMSUserAccess: use, iam.PolicyDMSReadOnlyAccess: read, iam.PolicyTenantGuest: guest,
	}
	require.Len(t, iam.BuiltinPolicies(), len(want))
	for _, name := range iam.BuiltinPolicies() {
		p, ok := iam.BuiltinPolicy(name)
		require.True(t, ok)
		require.NoError(t, p.Validate())
		statements := iam.CompilePolicy(iam.LayerIdentity, name, p)
		var allowed []access.Action
		for _, i := range access.Actions {
			own, platform := access.AccountResource("dms", "a1", "any").Object(), access.Resource("platform:::any:*").Object()
			require.False(t, statements[0].Covers(access.Actor{AccountID: "a1"}, i.Action, platform), "%s reaches the platform by %s", name, i.Action)
			if i.Level != access.Platform && statements[0].Covers(access.Actor{AccountID: "a1"}, i.Action, own) {
				allowed = append(allowed, i.Action)
			}
		}
		require.ElementsMatch(t, want[name], allowed, name)
	}
	_, ok := iam.BuiltinPolicy("tenant administrator")
	require.False(t, ok)
}
