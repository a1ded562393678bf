package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/internal/access"
	"dms/internal/errs"
)

const goodQueuePolicy = `{"Statement":[{"Sid":"Share","Principal":{"Account":["beta","*"],"User":["a1:u1"]},"Action":["DMS:ProduceMessages"],"Condition":{"Bool":{"g:SecureTransport":"true"}}}]}`

func TestParseQueuePolicy(t *testing.T) {
	p, err := iam.ParseQueuePolicy([]byte(goodQueuePolicy))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(iam.QueuePolicy{Version: iam.PolicyVersion1, Statement: []iam.QueueStatement{{
		Sid: "Share", Effect: iam.EffectAllow, Principal: iam.QueuePrincipal{Account: []string{"beta", "*"}, User: []string{"a1:u1"}},
		Action: []string{"DMS:ProduceMessages"}, Condition: iam.Condition{"Bool": {iam.KeySecureTransport: {"true"}}},
	}}}, p))
	stored, err := iam.ParseStoredQueuePolicy(p.Document())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(p, stored))
	require.Equal(t, string(p.Document()), string(stored.Document()), "one form")
	for name, c := range map[string]struct{ old, replacement, pointer string }{
		"not JSON":           {`{"Statement"`, `"Statement"`, ""},
		"unknown field":      {`"Sid":"Share"`, `"Resource":["*"]`, ""},
		"version":            {`{"Statement"`, `{"Version":"2","Statement"`, "/Version"},
		"no statement":       {goodQueuePolicy, `{"Statement":[]}`, "/Statement"},
		"effect":             {`"Sid":"Share"`, `"Effect":"allow"`, "/Statement/0/Effect"},
		"sid":                {`"Share"`, `"a b"`, "/Statement/0/Sid"},
		"nobody":             {`{"Account":["beta","*"],"User":["a1:u1"]}`, `{}`, "/Statement/0/Principal"},
		"account pattern":    {`"beta"`, `"bet*"`, "/Statement/0/Principal/Account/0"},
		"user of no account": {`"a1:u1"`, `"u1"`, "/Statement/0/Principal/User/0"},
		"every user":         {`"a1:u1"`, `"a1:*"`, "/Statement/0/Principal/User/0"},
		"no action":          {`["DMS:ProduceMessages"]`, `[]`, "/Statement/0/Action"},
		"our own action":     {`"DMS:ProduceMessages"`, `"dms:message:send"`, "/Statement/0/Action/0"},
		"action pattern":     {`"DMS:ProduceMessages"`, `"*"`, "/Statement/0/Action/0"},
		"condition":          {`"g:SecureTransport"`, `"g:Moon"`, "/Statement/0/Condition/Bool/g:Moon"},
		"too many":           {goodQueuePolicy, `{"Statement":[` + strings.Repeat(`{"Principal":{"Account":["*"]},"Action":["DMS:*"]},`, iam.MaxQueueStatements) + `{"Principal":{"Account":["*"]},"Action":["DMS:*"]}]}`, "/Statement"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := iam.ParseQueuePolicy([]byte(strings.Replace(goodQueuePolicy, c.old, c.replacement, 1)))
			require.Equal(t, errs.Invalid, errs.CodeOf(err), "%v", err)
			if c.pointer != "" {
				require.Equal(t, c.pointer, errs.As(err).Fields[0].Pointer)
			}
		})
	}
	_, err = iam.ParseQueuePolicy([]byte(goodQueuePolicy + strings.Repeat(" ", iam.MaxQueuePolicyBytes)))
	require.Equal(t, errs.TooLarge, errs.CodeOf(err))
}

func TestNamesInQueuePoliciesBecomeIDs(t *testing.T) {
	p, err := iam.ParseQueuePolicy([]byte(strings.Replace(goodQueuePolicy, `"beta"`, `"beta","id-of-beta"`, 1)))
	require.NoError(t, err)
	resolved, err := p.Resolve(func(name string) (string, error) {
		if name == "beta" || name == "id-of-beta" {
			return "id-of-beta", nil
		}
		return "", fmt.Errorf("asked for %q", name)
	})
	require.NoError(t, err)
	require.Equal(t, []string{"id-of-beta", "*"}, resolved.Statement[0].Principal.Account)
	require.Equal(t, []string{"beta", "id-of-beta", "*"}, p.Statement[0].Principal.Account, "the original is as it was")
	_, err = p.Resolve(func(string) (string, error) { return "", errs.New(errs.NotFound, "", "no") })
	require.Equal(t, errs.Invalid, errs.CodeOf(err))
	require.Equal(t, "/Statement/0/Principal/Account/0", errs.As(err).Fields[0].Pointer)
}

func TestQueueActionsGiveActions(t *testing.T) {
	require.ElementsMatch(t, []string{"DMS:GetQueue", "DMS:CreateGroup", "DMS:GetGroups", "DMS:DeleteGroup", "DMS:ProduceMessages", "DMS:ConsumeMessages"}, iam.QueueActions())
	require.Equal(t, []access.Action{access.MessageSend, access.MessagePrepare, access.MessageCommit, access.MessageRollback}, iam.GivenByQueueAction("DMS:ProduceMessages"))
	all := iam.GivenByQueueAction(iam.AllQueueActions)
	for _, never := range []access.Action{access.MessageBrowse, access.MessagePurge, access.QueueDelete, access.QueuePolicySet, access.TagCreate, access.GroupSeek} {
		require.NotContains(t, all, never)
	}
	require.Empty(t, iam.GivenByQueueAction("DMS:Everything"))
}

func TestSessionPolicies(t *testing.T) {
	p, err := iam.ParseSessionPolicy([]byte(`{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["dms:*"]}]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"*"}, p.Statement[0].Resource)
	_, err = iam.ParseSessionPolicy([]byte(`{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["dms:*"],"Resource":[]}]}`))
	require.Equal(t, errs.Invalid, errs.CodeOf(err), "none is not all")
	_, err = iam.ParseSessionPolicy([]byte(strings.Repeat(" ", iam.MaxSessionPolicyBytes) + `{}`))
	require.Equal(t, errs.TooLarge, errs.CodeOf(err))
}
