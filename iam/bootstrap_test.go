package iam_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"dms/iam"
	"dms/iam/iamtest"
	"dms/internal/errs"
	"dms/internal/id"
)

func bootstrapInput() iam.BootstrapInput {
	return iam.BootstrapInput{AccountName: "acme", UserName: "admin", Password: iamtest.Password, Region: iamtest.Region}
}

func TestBootstrapTellsTheSecretInTheRunThatMadeTheKey(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		first, err := k.Services.Accounts.Bootstrap(ctx, bootstrapInput())
		require.NoError(t, err)
		require.NotNil(t, first.SecretKey)
		require.Len(t, *first.SecretKey, 40)
		require.Regexp(t, `^[A-Z0-9]{20}$`, first.AccessKey)
		for _, s := range []string{first.AccountID, first.ProjectID, first.UserID} {
			require.True(t, id.IsHex(s), s)
		}
		require.Equal(t, iamtest.Region, first.ProjectName)

		again, err := k.Services.Accounts.Bootstrap(ctx, bootstrapInput())
		require.NoError(t, err)
		require.Nil(t, again.SecretKey)
		require.Empty(t, cmp.Diff(first, again, cmpopts.IgnoreFields(iam.BootstrapResult{}, "SecretKey")))
		b, err := json.Marshal(again)
		require.NoError(t, err)
		require.Contains(t, string(b), `"secret_key":null`)

		in := bootstrapInput()
		in.NewKey = true
		k.Clock.Advance(1)
		second, err := k.Services.Accounts.Bootstrap(ctx, in)
		require.NoError(t, err)
		require.NotNil(t, second.SecretKey)
		require.NotEqual(t, first.AccessKey, second.AccessKey)

		before := entries(t, k)
		_, err = k.Services.Accounts.Bootstrap(ctx, in)
		require.Equal(t, errs.Quota, errs.CodeOf(err), "a user has at most two keys")
		require.ErrorContains(t, err, "2 access keys")
		require.Empty(t, cmp.Diff(before, entries(t, k)))
	})
}

func TestBootstrapChangesNothingWhenAllIsThere(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		_, err := k.Services.Accounts.Bootstrap(ctx, bootstrapInput())
		require.NoError(t, err)
		rev, err := k.Directory.Revision(ctx)
		require.NoError(t, err)
		in := bootstrapInput()
		in.Password = "quite another password"
		res, err := k.Services.Accounts.Bootstrap(ctx, in)
		require.NoError(t, err)
		after, err := k.Directory.Revision(ctx)
		require.NoError(t, err)
		require.Equal(t, rev, after)

		login := iam.PasswordLogin{UserID: res.UserID, Password: iamtest.Password}
		_, err = k.Services.Tokens.IssueToken(ctx, login, iam.Scope{})
		require.NoError(t, err, "the existing password stays")
		login.Password = in.Password
		_, err = k.Services.Tokens.IssueToken(ctx, login, iam.Scope{})
		require.Equal(t, errs.Unauthenticated, errs.CodeOf(err))
	})
}

func TestBootstrapAddsWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		n := k.SignUp(t, "acme")
		in := bootstrapInput()
		in.Region, in.Operator = "local-2", true
		res, err := k.Services.Accounts.Bootstrap(ctx, in)
		require.NoError(t, err)
		require.Equal(t, n.Account.ID, res.AccountID)
		require.Equal(t, "local-2", res.ProjectName)
		u, err := k.Services.Users.User(ctx, res.AccountID, res.UserID)
		require.NoError(t, err)
		require.True(t, u.Operator)
		require.NotEqual(t, n.User.ID, u.ID, "a second user of the account")
		at, err := k.Services.Policies.Attachments(ctx, res.AccountID, iam.UserSubject(res.UserID))
		require.NoError(t, err)
		require.Equal(t, iam.PolicyTenantAdministrator, at[0].PolicyName)

		require.NoError(t, k.Services.Policies.Detach(ctx, n.Administrator(), iam.UserSubject(res.UserID), iam.PolicyTenantAdministrator))
		in.Operator = false
		_, err = k.Services.Accounts.Bootstrap(ctx, in)
		require.NoError(t, err)
		at, err = k.Services.Policies.Attachments(ctx, res.AccountID, iam.UserSubject(res.UserID))
		require.NoError(t, err)
		require.Len(t, at, 1, "it administers the account again")
		u, err = k.Services.Users.User(ctx, res.AccountID, res.UserID)
		require.NoError(t, err)
		require.True(t, u.Operator, "false takes nothing away")
	})
}

func TestBootstrapMakesAnExistingUserAnOperator(t *testing.T) {
	each(t, func(t *testing.T, k *iamtest.Kit) {
		_, err := k.Services.Accounts.Bootstrap(ctx, bootstrapInput())
		require.NoError(t, err)
		in := bootstrapInput()
		in.Operator = true
		res, err := k.Services.Accounts.Bootstrap(ctx, in)
		require.NoError(t, err)
		fact, err := iam.NewFactReader(k.Directory).User(ctx, res.UserID)
		require.NoError(t, err)
		require.True(t, fact.Operator)
	})
}

func TestBootstrapSaysWhatIsWrong(t *testing.T) {
	err := iam.BootstrapInput{AccountName: "x", UserName: "1", Password: "short"}.Validate()
	require.Equal(t, errs.Invalid, errs.CodeOf(err))
	require.Len(t, errs.As(err).Fields, 4)
	in := bootstrapInput()
	in.Password = "password"
	require.NoError(t, in.Validate(), "an operator may choose a weak password")
}
