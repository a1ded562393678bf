package billing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/billing"
	"dms/internal/access"
)

// Every action of the product and whether one successful call of it costs money.
var billableActions = map[access.Action]bool{
	access.MessageSend:                true,
	access.MessageReceive:             true, // never counted when it was empty
	access.MessageAck:                 true,
	access.DeadLetterReceive:          true, // never counted when it was empty
	access.DeadLetterAck:              true,
	access.MessagePrepare:             true,
	access.MessageCommit:              true,
	access.MessageRollback:            true,
	access.MessagePurge:               true,
	access.GroupSeek:                  true,
	access.DeadLetterRedrive:          true,
	access.DeadLetterPurge:            true,
	access.MessageBrowse:              false,
	access.DeadLetterBrowse:           false,
	access.StatisticsGet:              false,
	access.QueueCreate:                true,
	access.QueueDelete:                true,
	access.QueueList:                  true, // counted on the DMS dialects only
	access.QueueGet:                   true, // counted on the DMS dialects only
	access.GroupCreate:                true,
	access.GroupDelete:                true,
	access.GroupList:                  true, // counted on the DMS dialects only
	access.TagCreate:                  true,
	access.TagDelete:                  true,
	access.TagList:                    true, // counted on the DMS dialects only
	access.QuotaGet:                   true, // counted on the DMS dialects only
	access.ServiceGet:                 false,
	access.ServiceActivate:            false,
	access.AccessKeyCreate:            false,
	access.AccessKeyDelete:            false,
	access.AccessKeyList:              false,
	access.ProjectList:                false,
	access.BillGet:                    false,
	access.QueuePolicyGet:             false,
	access.QueuePolicySet:             false,
	access.QueuePolicyDelete:          false,
	access.AccessKeyUpdate:            false,
	access.UserCreate:                 false,
	access.UserList:                   false,
	access.UserGet:                    false,
	access.UserUpdate:                 false,
	access.UserDelete:                 false,
	access.UserResetPassword:          false,
	access.UserGroupCreate:            false,
	access.UserGroupList:              false,
	access.UserGroupGet:               false,
	access.UserGroupUpdate:            false,
	access.UserGroupDelete:            false,
	access.UserGroupAddMember:         false,
	access.UserGroupRemoveMember:      false,
	access.PolicyCreate:               false,
	access.PolicyList:                 false,
	access.PolicyGet:                  false,
	access.PolicyUpdate:               false,
	access.PolicyDelete:               false,
	access.PolicyAttach:               false,
	access.PolicyDetach:               false,
	access.PolicySimulate:             false,
	access.RoleCreate:                 false,
	access.RoleList:                   false,
	access.RoleGet:                    false,
	access.RoleUpdate:                 false,
	access.RoleDelete:                 false,
	access.RoleAssume:                 false,
	access.RoleRevoke:                 false,
	access.SessionEnd:                 false,
	access.TokenRevoke:                false,
	access.AuditSearch:                false,
	access.AuditExport:                false,
	access.PlatformAccountList:        false,
	access.PlatformAccountGet:         false,
	access.PlatformAccountSuspend:     false,
	access.PlatformAccountResume:      false,
	access.PlatformAccountImpersonate: false,
	access.PlatformQuotaGet:           false,
	access.PlatformQuotaSet:           false,
	access.PlatformAuditSearch:        false,
	access.PlatformKeyRotate:          false,
	access.Public:                     false,
	access.Self:                       false,
}

func TestBillableDecidesOnEveryAction(t *testing.T) {
	got := make(map[access.Action]bool)
	for _, a := range declaredActions(t) {
		got[a] = billing.Billable(a)
	}
	require.Empty(t, cmp.Diff(billableActions, got), "each action of package access needs a line in the table")
	require.False(t, billing.Billable("dms:queue:unheard_of"), "what is not known costs nothing")
}

// declaredActions reads the constants of type Action from the source of package access.
func declaredActions(t *testing.T) []access.Action {
	f, err := parser.ParseFile(token.NewFileSet(), "../internal/access/actions.go", nil, 0)
	require.NoError(t, err)
	var out []access.Action
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Action" {
			return true
		}
		for _, v := range spec.Values {
			s, err := strconv.Unquote(v.(*ast.BasicLit).Value)
			require.NoError(t, err)
			out = append(out, access.Action(s))
		}
		return true
	})
	require.NotEmpty(t, out)
	return out
}
